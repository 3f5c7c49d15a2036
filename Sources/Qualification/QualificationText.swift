import LinuxSystem
import Results

/// A qualification as plain text for a terminal: the outcome, then a line a requirement.
public enum QualificationText {
  /// What did not pass first; the outcome again at the end.
  public static func render(_ record: QualificationRecord) -> String {
    let name = "\(record.subject.vendor) \(record.subject.model)"
    let headline = "\(headline(record.outcome)): \(name), by the profile \(record.profile.name)".printable
    var lines = [headline, ""]
    let width = record.requirements.map(\.id.count).max() ?? 0
    for one in record.requirements.filter({ $0.outcome != .pass }) + record.requirements.filter({ $0.outcome == .pass })
    {
      let outcome = one.outcome.rawValue.padded(to: 13)
      lines.append(
        "\(outcome)  \(one.requirement.rawValue.padded(to: 11))  \(one.id.padded(to: width))  \(one.reason)".printable)
      if one.outcome != .pass, let remedy = one.remedy { lines.append("    \(remedy)".printable) }
    }
    let open = record.requirements.filter { $0.outcome != .pass && $0.requirement == .nonBlocker }
    if !open.isEmpty {
      lines += ["", "not blocking, to be answered for: \(open.map(\.id).joined(separator: ", "))".printable]
    }
    return (lines + ["", headline]).joined(separator: "\n") + "\n"
  }

  private static func headline(_ outcome: Qualified) -> String {
    switch outcome {
    case .qualified: "qualified"
    case .notQualified: "not qualified"
    case .undecided: "undecided"
    }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
