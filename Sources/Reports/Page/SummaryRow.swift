import Results

/// A summary as the templates show it.
struct SummaryRow {
  let workload: String
  let metric: String
  let place: String
  let figures: String
  let unit: String
  let blocks: String
  let flags: String

  init(_ summary: SummaryRecord) {
    workload = WorkloadName.text(summary.workload, summary.parameters)
    metric = summary.metric
    place = summary.machine == .native ? "native" : "\(summary.machine.rawValue) \(summary.mode.rawValue)"
    figures = Figure.value(summary.mean, low: summary.low, high: summary.high)
    unit = summary.unit
    blocks = String(summary.blocks)
    flags = summary.flags.map(\.rawValue).joined(separator: ", ")
  }

  static func isBoot(_ workload: String) -> Bool {
    workload == "boot" || workload.hasPrefix("boot.")
  }
}
