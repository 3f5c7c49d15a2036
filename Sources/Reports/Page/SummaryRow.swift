import Results

/// A summary as the templates show it.
struct SummaryRow {
  let workload: String
  let metric: String
  let path: String
  let figures: String
  let unit: String
  let blocks: String
  let flags: String

  init(_ summary: SummaryRecord) {
    workload = summary.workload.description
    metric = summary.metric
    path = summary.path.description
    figures = Figure.value(summary.mean, low: summary.low, high: summary.high)
    unit = summary.unit
    blocks = String(summary.blocks)
    flags = summary.flags.map(\.rawValue).joined(separator: ", ")
  }

  static func isBoot(_ workload: Workload) -> Bool {
    workload.id == "boot" || workload.id.hasPrefix("boot.")
  }
}
