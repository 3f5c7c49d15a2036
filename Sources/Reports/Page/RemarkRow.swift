import Results

/// Legs that did not run, failed or were disturbed, as the templates show them.
struct RemarkRow {
  let workload: String
  let path: String
  /// `skipped`, `failed` or `disturbed`; also the name of a style.
  let status: String
  let reason: String
  let blocks: String

  static func all(_ group: LegGroup) -> [RemarkRow] {
    group.remarks.map {
      RemarkRow(
        workload: group.title, path: group.key.path.description, status: $0.status, reason: $0.reason,
        blocks: ranges($0.blocks))
    }
  }

  /// `0–3, 7` for 0, 1, 2, 3, 7; the numbers are in order.
  static func ranges(_ numbers: [Int]) -> String {
    var runs: [(first: Int, last: Int)] = []
    for number in numbers {
      if let run = runs.last, number == run.last + 1 || number == run.last {
        runs[runs.count - 1].last = number
      } else {
        runs.append((number, number))
      }
    }
    return runs.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)–\($0.last)" }.joined(separator: ", ")
  }
}
