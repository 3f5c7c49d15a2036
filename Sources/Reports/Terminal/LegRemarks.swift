import Results

/// Legs that were skipped, failed or disturbed: a line for each reason.
struct LegRemarks {
  private struct Group {
    var legs = 0
    var subjects: [String] = []
  }

  private struct Key: Hashable {
    let status: String
    let reason: String
  }

  private let rows: [(status: String, reason: String, subject: String, legs: Int)]

  init(_ result: RunResult) {
    rows = LegGroup.all(result.legs).flatMap { group in
      group.remarks.map { ($0.status, $0.reason, "\(group.title), \(group.key.path)", $0.blocks.count) }
    }
  }

  /// - Parameter isWhole: whether each workload and mode has a line of its own; else those with one reason share it, and what was
  ///   disturbed is only counted.
  func screen(isWhole: Bool) -> Screen {
    var screen = Screen()
    if isWhole {
      for row in rows { screen.line("\(row.status): \(row.subject), \(row.legs) legs: \(row.reason)") }
      return screen
    }
    for status in [LegStatus.failed, .skipped] {
      for (key, group) in groups(of: [status.rawValue]) {
        let subject = group.subjects.count == 1 ? ", \(group.subjects[0])" : ""
        screen.paragraph(
          "\(status.rawValue): \(Self.legs(group.legs))\(subject): \(key.reason)",
          status == .failed ? .bad : .doubtful)
      }
    }
    let disturbed = groups(of: ["disturbed", "repeated"])
    if let most = disturbed.max(by: { $0.1.legs < $1.1.legs }) {
      let all = disturbed.reduce(0) { $0 + $1.1.legs }
      let more = disturbed.count > 1 ? ", mostly" : ""
      screen.line(
        Screen.Span("disturbed: ", .doubtful), Screen.Span("\(Self.legs(all))\(more): \(most.0.reason)"))
    }
    return screen
  }

  private static func legs(_ count: Int) -> String { count == 1 ? "1 leg" : "\(count) legs" }

  /// In the order in which the reasons come. What only differs in its figures is one reason.
  private func groups(of statuses: [String]) -> [(Key, Group)] {
    var order: [Key] = []
    var found: [Key: (first: Key, group: Group)] = [:]
    for row in rows where statuses.contains(row.status) {
      let key = Key(status: row.status, reason: row.reason.filter { !$0.isNumber && $0 != "." })
      if found[key] == nil {
        order.append(key)
        found[key] = (Key(status: row.status, reason: row.reason), Group())
      }
      found[key]?.group.legs += row.legs
      if found[key]?.group.subjects.contains(row.subject) == false { found[key]?.group.subjects.append(row.subject) }
    }
    return order.compactMap { found[$0].map { ($0.first, $0.group) } }
  }
}
