/// One file of the kernel's that `host tune` looks at.
public struct TuneItem: Sendable, Equatable {
  /// What is to become of it, or became of it.
  public enum Outcome: Sendable, Equatable {
    /// It would be changed.
    case change(from: String, to: String)
    /// It is as wanted.
    case same(String)
    /// The host has no such setting, or it does not apply; why.
    case absent(String)
    /// It was changed.
    case changed(from: String, to: String)
    /// The kernel took the write and has another value now: fewer reserved pages than asked for, say.
    case differs(wanted: String, found: String)
    /// The kernel refused; why.
    case refused(String)
  }

  /// What the file sets: "governor", "interrupt affinity".
  public let setting: String
  /// Whose: "CPU 0", "interrupt 36"; nil for the whole host.
  public let subject: String?
  /// The file; empty where there is none.
  public let path: String
  public var outcome: Outcome

  init(_ setting: String, _ subject: String?, _ path: String, _ outcome: Outcome) {
    (self.setting, self.subject, self.path, self.outcome) = (setting, subject, path, outcome)
  }

  /// Lines for people: items of one setting with one outcome share a line.
  public static func lines(_ items: [TuneItem]) -> [String] {
    var groups: [(setting: String, outcome: String, subjects: [String])] = []
    for item in items {
      let text = item.outcome.description
      if let index = groups.firstIndex(where: { $0.setting == item.setting && $0.outcome == text }) {
        groups[index].subjects.append(contentsOf: item.subject.map { [$0] } ?? [])
      } else {
        groups.append((item.setting, text, item.subject.map { [$0] } ?? []))
      }
    }
    return groups.map { group in
      let subjects = group.subjects
      let shown = subjects.count > 8 ? "\(subjects.prefix(8).joined(separator: ", ")), \(subjects.count - 8) more" : ""
      let whose = subjects.isEmpty ? "" : " (\(shown.isEmpty ? subjects.joined(separator: ", ") : shown))"
      return "\(group.setting)\(whose): \(group.outcome)"
    }
  }
}

extension TuneItem.Outcome: CustomStringConvertible {
  public var description: String {
    switch self {
    case .change(let old, let new): "\(old) -> \(new)"
    case .same(let value): "\(value), as wanted"
    case .absent(let reason): "not here: \(reason)"
    case .changed(let old, let new): "\(old) -> \(new), done"
    case .differs(let wanted, let found): "asked for \(wanted), the kernel has \(found)"
    case .refused(let reason): "refused: \(reason)"
    }
  }
}
