import Results

/// A made-up run: two workloads on three machines, with every kind of leg, for the tests alone.
enum MadeUp {
  static func leg(
    _ block: Int, _ machine: Machine, _ mode: Mode, _ workload: String = "block.randread",
    parameters: [String: ParameterValue] = ["bs": "4KiB", "qd": "1"], metrics: [MetricRecord], validity: [String] = [],
    cpu: Double? = nil
  ) -> LegRecord {
    LegRecord(
      id: "b\(block)-\(machine.rawValue)-\(mode.rawValue)-\(workload)", block: block, order: 0,
      path: Path(machine, mode), workload: Workload(workload, parameters), status: .ok, metrics: metrics,
      cpuSeconds: CPUSeconds(total: cpu),
      validity: validity, startedAt: Double(block) * 2.5)
  }

  static func iops(_ value: Double) -> MetricRecord {
    MetricRecord(name: "iops", unit: "IOPS", direction: .higher, value: value)
  }

  static func latency(_ value: Double) -> MetricRecord {
    MetricRecord(name: "latency.p50", unit: "ns", direction: .lower, value: value)
  }

  static let host = HostRecord(
    fingerprint: "0123abcd", kvm: KVMRecord(backend: .pvm, capabilities: ["IRQFD": 1, "XEN_HVM": 0]),
    cpu: ["model": "Example \"9000\" <fast> & cheap"], numa: ["nodes": "1"], kernel: ["release": "6.12"],
    memory: ["total": "8 GiB"],
    missing: [
      MissingFact(what: "hardware counters", why: "perf_event_open answered ENOENT", remedy: "Use a real machine.")
    ])

  static func run(blocks: Int = 6) -> RunRecord {
    RunRecord(
      id: "20261122-101500", startedAt: "2026-11-22T10:15:00Z", suite: "quick", seed: .max, blocks: blocks,
      command: ["nearmetal", "run", "quick", "--output", "it's here"],
      tool: ToolRecord(version: "1.0.0", revision: "abc", swift: "6.3.1"), buildConfiguration: .release)
  }

  static func result() throws -> RunResult {
    var legs: [LegRecord] = []
    for block in 0..<6 {
      let drift = 1000.0 * (1 + 0.1 * Double(block))
      legs.append(leg(block, .native, .native, metrics: [iops(drift), latency(50_000 / drift)], cpu: 1))
      legs.append(
        leg(
          block, .nearmetal, .polled,
          metrics: [iops(drift * (0.96 + 0.004 * Double(block % 3))), latency(52_000 / drift)],
          cpu: 2))
      legs.append(
        leg(
          block, .nearmetal, .guest, "exits.cpuid", parameters: [:],
          metrics: [MetricRecord(name: "cost", unit: "ns", direction: .lower, value: 4000 + Double(block))]))
      var skipped = leg(block, .nearmetal, .vhost, metrics: [])
      (skipped.status, skipped.reason) = (.skipped, "no /dev/vhost-net <here>,\n\"load\" vhost_net")
      legs.append(skipped)
    }
    var failed = leg(0, .nearmetal, .emulated, metrics: [])
    (failed.status, failed.reason) = (.failed, "a wrong byte at offset 4096")
    legs.append(failed)
    legs[1].counters = [
      CounterRecord(name: "kvm:kvm_exit", domain: .kvm, value: 17, status: .counted),
      CounterRecord(name: "cycles", domain: .guest, value: nil, status: .unavailable, reason: "no hardware PMU"),
    ]
    legs[1].noise = ["stealSeconds": 0.25]
    let set = ComparisonBuilder(plannedBlocks: 6).build(legs)
    var claim = ClaimRecord(
      id: "polled-90", text: "Polled random reads reach 90 % of bare metal.", source: "the quick suite",
      workload: Workload("block.randread"), metric: "iops", path: Path(.nearmetal, .polled), margin: 0.9,
      verdict: .inconclusive)
    (claim.verdict, claim.ratio, claim.low, claim.high) = (.pass, 0.95, 0.93, 0.97)
    return RunResult(
      run: run(), host: host, legs: legs, comparisons: set.comparisons, summaries: set.summaries, claims: [claim])
  }
}
