import Bills
import EmulatedHost
import Results

/// Bills and results that nobody measured, with figures that tests know.
enum MadeUp {
  static let guest = Path(.nearmetal, .guest)

  static func line(
    _ id: String, _ passes: [Double]?, path: Path = guest, counts: [String: Double] = [:], status: LegStatus? = nil
  ) -> BillLine {
    var line = BillLine(
      Workload(id), path, status: status ?? (passes == nil ? .skipped : .ok),
      reason: passes == nil ? "this host has none" : nil, statistic: id.hasPrefix("exits.") ? .median : .mean)
    line.instructions = passes.map(BillFigure.init)
    for (name, value) in counts { line.counts[name] = BillFigure([value, value]) }
    return line
  }

  static func bill(_ lines: [BillLine], release: String = "6.1.0", suite: String = "bill") -> Bill {
    Bill(
      run: BillRun(
        id: "20261129T100000Z", startedAt: "2026-11-29T10:00:00Z", suite: suite, content: content(),
        command: ["nearmetal", "bill"],
        tool: ToolRecord(version: "0.1.0", revision: "abc", swift: "6.3"), buildConfiguration: .release, passes: 2),
      host: BillHost(
        backend: .svm, emulator: "QEMU emulator version 7.2.22", processor: "AMD EPYC Processor, 23, 1, 2", kernel: nil,
        release: release, version: "#1 SMP", append: []),
      lines: lines)
  }

  static func content(window: UInt64 = 20_000_000) -> SuiteRecord {
    SuiteRecord(
      warmup: 1_000_000, window: window, turn: "none", memory: 256 << 20, disk: 64 << 20, pages: "thp", entries: [])
  }

  /// A pass that measured some legs.
  static func pass(_ legs: [LegRecord], order: [String]) -> RunResult {
    var run = RunRecord(
      id: "r", startedAt: "2026-11-29T10:00:00Z", suite: "bill", seed: 1, blocks: 1, command: ["nearmetal"],
      tool: ToolRecord(version: "0.1.0", revision: "abc", swift: "6.3"), buildConfiguration: .release)
    run.content = content()
    run.content?.entries = order.map { SuiteRecord.Entry(workload: Workload($0), paths: []) }
    return RunResult(run: run, host: HostRecord(fingerprint: "f", kvm: KVMRecord(backend: .svm)), legs: legs)
  }

  static func leg(
    _ id: String, _ path: Path = guest, status: LegStatus = .ok, metrics: [MetricRecord] = [],
    counters: [(String, UInt64)] = []
  ) -> LegRecord {
    var leg = LegRecord(
      id: "\(id)-\(path)", block: 0, order: 0, path: path, workload: Workload(id), status: status,
      reason: status == .ok ? nil : "because", metrics: metrics, startedAt: 0)
    leg.counters = counters.map { CounterRecord(name: $0.0, domain: .kvm, value: $0.1, status: .counted) }
    return leg
  }
}
