import Results

/// A made-up run whose split is known: figures by leg, the same in every block unless a test says otherwise.
struct AttributionMadeUp {
  var blocks = 3
  var parameters: [String: ParameterValue] = ["backing": "file", "bs": "4KiB", "qd": "1"]
  var legs: [LegRecord] = []

  /// Adds a disk leg to every block.
  /// - Parameters:
  ///   - time: nanoseconds of an operation; the block's number is given.
  ///   - counts: counters for a window of 100 operations.
  mutating func add(
    _ machine: Machine, _ mode: Mode, _ workload: String = "block.randread",
    parameters: [String: ParameterValue]? = nil,
    counts: [String: UInt64] = [:], vcpuSeconds: Double? = nil, time: (Int) -> Double
  ) throws {
    for block in 0..<blocks {
      // As the probe sends it: 1000 empty places, then 100 samples; zig-zag LEB128.
      let histogram = try HistogramRecord(
        probeCounts: [0xcf, 0x0f, 0xc8, 0x01], ticksPerNanosecond: 1, operationsPerSample: 1)
      let leg = LegRecord(
        id: "\(block)-\(workload)-\(machine.rawValue)-\(mode.rawValue)-\(legs.count)", block: block, order: 0,
        path: Path(machine, mode), workload: Workload(workload, parameters ?? self.parameters), status: .ok,
        metrics: [
          MetricRecord(name: "iops", unit: "IOPS", direction: .higher, value: 1e9 / time(block)),
          MetricRecord(
            name: "latency.p50", unit: "ns", direction: .lower, value: time(block), histogram: histogram),
        ],
        counters: counts.sorted { $0.key < $1.key }.map {
          CounterRecord(name: $0.key, domain: .kvm, value: $0.value, status: .counted)
        }, cpuSeconds: CPUSeconds(vcpu: vcpuSeconds), startedAt: 0)
      legs.append(leg)
    }
  }

  /// Adds an `exits` leg to every block.
  mutating func add(cost workload: String, _ nanoseconds: Double) {
    for block in 0..<blocks {
      legs.append(
        LegRecord(
          id: "\(block)-\(workload)", block: block, order: 0, path: Path(.nearmetal, .guest),
          workload: Workload(workload), status: .ok,
          metrics: [MetricRecord(name: "cost", unit: "ns", direction: .lower, value: nanoseconds)], startedAt: 0))
    }
  }

  var result: RunResult {
    RunResult(
      run: RunRecord(
        id: "made-up", startedAt: "2026-11-22T10:15:00Z", suite: "made-up", seed: 1, blocks: blocks,
        command: ["nearmetal", "run"], tool: ToolRecord(version: "0", revision: "0", swift: "6.2"),
        buildConfiguration: .release),
      host: HostRecord(
        fingerprint: "0", kvm: KVMRecord(backend: .none, capabilities: [:]), cpu: [:], numa: [:], kernel: [:],
        memory: [:], missing: []), legs: legs)
  }
}
