import Results

/// Made-up runs for these tests alone.
enum MadeUp {
  static let host = HostRecord(fingerprint: "f00d", kvm: KVMRecord(backend: .pvm), cpu: ["cpu.model": "Example 9000"])

  static func metric(_ name: String, _ unit: String, _ value: Double, _ direction: Direction = .lower) -> MetricRecord {
    MetricRecord(name: name, unit: unit, direction: direction, value: value)
  }

  static func leg(
    _ block: Int, _ machine: Machine, _ mode: Mode, _ workload: String = "block.randread",
    _ parameters: [String: ParameterValue] = ["bs": "4KiB", "qd": "1"], _ metrics: [MetricRecord]
  ) -> LegRecord {
    LegRecord(
      id: "\(block)-\(machine.rawValue)-\(mode.rawValue)-\(workload)-\(parameters["qd"]?.text ?? "")", block: block,
      order: 0, path: Path(machine, mode), workload: Workload(workload, parameters), status: .ok, metrics: metrics,
      startedAt: Double(block))
  }

  static func result(_ id: String, legs: [LegRecord], blocks: Int, interleaving: String? = nil) -> RunResult {
    var run = RunRecord(
      id: id, startedAt: "2026-11-22T10:15:00Z", suite: "quick", seed: 18, blocks: blocks, command: ["nearmetal"],
      tool: ToolRecord(version: "1", revision: id, swift: "6.3"), buildConfiguration: .release)
    run.interleaving = interleaving
    return RunResult(run: run, host: host, legs: legs)
  }

  /// Polled random reads, one figure a block.
  static func result(_ id: String, iops: [Double], interleaving: String? = nil) -> RunResult {
    result(id, series: [iops], interleaving: interleaving)
  }

  /// The same at queue depths 1, 2 and so on.
  static func result(_ id: String, series: [[Double]], interleaving: String? = nil) -> RunResult {
    let legs = series.enumerated().flatMap { depth, values in
      values.enumerated().map { block, value in
        leg(
          block, .nearmetal, .polled, "block.randread", ["bs": "4KiB", "qd": ParameterValue("\(depth + 1)")],
          [metric("iops", "IOPS", value, .higher)])
      }
    }
    return result(id, legs: legs, blocks: series[0].count, interleaving: interleaving)
  }

  /// An exit's cost, one figure a block.
  static func result(_ id: String, latency: [Double], interleaving: String? = nil) -> RunResult {
    let legs = latency.enumerated().map { leg($0, .nearmetal, .guest, "exits.cpuid", [:], [metric("cost", "ns", $1)]) }
    return result(id, legs: legs, blocks: latency.count, interleaving: interleaving)
  }
}
