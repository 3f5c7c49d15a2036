import Results

/// A kind of exit as the templates show it: what it costs in nanoseconds and in cycles, or why that is not known.
struct ExitRow {
  let kind: String
  let path: String
  let nanoseconds: String
  let cycles: String
  let blocks: String
  let remark: String

  static func isExit(_ workload: Workload) -> Bool {
    workload.id == "exits" || workload.id.hasPrefix("exits.")
  }

  static func all(_ result: RunResult) -> [ExitRow] {
    LegGroup.all(result.legs.filter { isExit($0.workload) }).map { row($0, result.summaries) }
  }

  private static func row(_ group: LegGroup, _ summaries: [SummaryRecord]) -> ExitRow {
    let own = summaries.filter {
      ($0.metric == "cost" || $0.metric == "cost.cycles") && $0.workload == group.key.workload
        && $0.path == group.key.path
    }
    let remarks = group.remarks.map { "\($0.status): \($0.reason)" }
    let flags = Set(own.flatMap(\.flags).map(\.rawValue)).sorted()
    return ExitRow(
      kind: group.title, path: group.key.path.description, nanoseconds: figures(own.filter { $0.unit == "ns" }),
      cycles: figures(own.filter { $0.unit == "cycles" }), blocks: String(own.map(\.blocks).max() ?? 0),
      remark: (remarks + flags).joined(separator: "; "))
  }

  /// One figure as it is; several each with its name.
  private static func figures(_ summaries: [SummaryRecord]) -> String {
    if summaries.isEmpty { return "not measured" }
    return summaries.map { summary in
      let figures = Figure.value(summary.mean, low: summary.low, high: summary.high)
      return summaries.count == 1 ? figures : "\(summary.metric) \(figures)"
    }.joined(separator: "; ")
  }
}
