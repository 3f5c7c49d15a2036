import Results

/// `samples.csv`: a row for every metric of every leg, in the order in which the legs ran. A leg without metrics has one
/// row that says why.
enum SamplesTable {
  static let header = [
    "leg", "block", "order", "machine", "mode", "workload", "parameters", "metric", "unit", "direction", "value",
    "status", "reason", "validity", "started_at_seconds", "cpu_vcpu_seconds", "cpu_io_seconds", "cpu_total_seconds",
    "attempt",
  ]

  static func csv(_ result: RunResult) -> String {
    CSV.text(header: header, rows: result.legs.flatMap(rows))
  }

  private static func rows(_ leg: LegRecord) -> [[String]] {
    let before = [
      leg.id, String(leg.block), String(leg.order), leg.path.machine.rawValue, leg.path.mode.rawValue, leg.workload.id,
      leg.workload.parameterText,
    ]
    let after = [
      leg.status.rawValue, leg.reason ?? "", leg.validity.joined(separator: "; "), CSV.number(leg.startedAt),
      CSV.number(leg.cpuSeconds.vcpu), CSV.number(leg.cpuSeconds.io), CSV.number(leg.cpuSeconds.total),
      String(leg.attempt ?? 1),
    ]
    if leg.metrics.isEmpty { return [before + ["", "", "", ""] + after] }
    return leg.metrics.map { before + [$0.name, $0.unit, $0.direction.rawValue, CSV.number($0.value)] + after }
  }
}
