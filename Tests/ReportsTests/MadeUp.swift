import Histogram
import Reports
import Results

/// Made-up runs for these tests alone.
enum MadeUp {
  /// A text with everything that could break out of a file format.
  static let hostile =
    "</td><script>alert(\"1\")</script>\" onload='x' &amp; ]]> {{command}}\r\nnext | `line`\u{0}\u{1b}[31m \"\u{301}<\u{338},;="

  static func leg(
    _ block: Int, _ machine: Machine, _ mode: Mode, _ workload: String, _ parameters: [String: ParameterValue] = [:],
    _ metrics: [MetricRecord], status: LegStatus = .ok, reason: String? = nil, validity: [String] = []
  ) -> LegRecord {
    LegRecord(
      id: "\(block)/\(machine.rawValue)/\(mode.rawValue)/\(workload)", block: block, order: 0,
      path: Path(machine, mode), workload: Workload(workload, parameters), status: status, reason: reason,
      metrics: metrics, validity: validity,
      startedAt: Double(block))
  }

  static func metric(_ name: String, _ unit: String, _ direction: Direction, _ value: Double) -> MetricRecord {
    MetricRecord(name: name, unit: unit, direction: direction, value: value)
  }

  /// A median with a histogram behind it: 5000 samples at the median, 40 at twice that.
  static func latency(_ nanoseconds: Double) -> MetricRecord {
    var histogram = Histogram<UInt64>(highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .three)
    histogram.record(UInt64(nanoseconds), count: 5000)
    histogram.record(UInt64(2 * nanoseconds), count: 40)
    return MetricRecord(
      name: "latency.p50", unit: "ns", direction: .lower, value: nanoseconds,
      histogram: HistogramRecord(histogram, unit: .nanoseconds, ticksPerNanosecond: nil))
  }

  /// - Parameter texts: what stands wherever a file holds free text.
  static func result(blocks: Int = 6, texts: String = "plain", speed: Double = 0.96, margin: Double? = 0.9) -> RunResult
  {
    var legs: [LegRecord] = []
    let disk: [String: ParameterValue] = ["bs": "4KiB", "qd": "1"]
    for block in 0..<blocks {
      let drift = 40_000 * (1 + 0.05 * Double(block))
      let wobble = 1 + 0.004 * Double(block % 3 - 1)
      for (machine, mode, factor) in [
        (Machine.native, Mode.native, 1.0), (.nearmetal, .polled, speed), (.nearmetal, .paravirtual, 0.7),
        (.nearmetal, .emulated, 0.04), (.qemu, .paravirtual, 0.6),
      ] {
        let own = machine == .native ? drift : drift * factor * wobble
        legs.append(
          leg(
            block, machine, mode, "block.randread", disk,
            [metric("iops", "IOPS", .higher, own), latency(1e9 / own)],
            validity: block == 1 && mode == .polled ? ["steal: \(texts)"] : []))
      }
      legs.append(leg(block, .nearmetal, .vhost, "block.randread", disk, [], status: .skipped, reason: texts))
      legs.append(
        leg(
          block, .nearmetal, .guest, "exits.cpuid", [:],
          [metric("cost", "ns", .lower, 4200.5 + Double(block)), metric("cost.cycles", "cycles", .lower, 12_000)]))
      legs.append(leg(block, .nearmetal, .guest, "exits.hypercall", [:], [], status: .skipped, reason: "no: \(texts)"))
      legs.append(
        leg(block, .nearmetal, .guest, "boot", [:], [metric("time", "ms", .lower, 1.5 + 0.01 * Double(block))]))
      legs.append(leg(block, .nearmetal, .guest, "net.ping", [:], [], status: .failed, reason: "wrong byte: \(texts)"))
    }
    let set = ComparisonBuilder(plannedBlocks: blocks).build(legs)
    var claims: [ClaimRecord] = []
    if let margin {
      var claim = ClaimRecord(
        id: "c1", text: "Polled reads are near: \(texts)", source: texts, workload: Workload("block.randread"),
        metric: "iops", path: Path(.nearmetal, .polled), margin: margin, verdict: .inconclusive)
      if let measured = set.comparisons.first(where: claim.speaks(of:)), blocks >= 5 {
        (claim.ratio, claim.low, claim.high) = (measured.ratio, measured.low, measured.high)
        if measured.low ?? 0 >= margin { claim.verdict = .pass }
        if measured.high ?? .infinity < margin { claim.verdict = .fail }
      } else {
        claim.reason = "\(blocks) blocks cannot decide at level 0.95: at least 5 are needed"
      }
      claims.append(claim)
    }
    let run = RunRecord(
      id: "r1", startedAt: "2026-11-22T10:15:00Z", suite: "quick \(texts)", seed: 18, blocks: blocks,
      command: ["nearmetal", "run", texts], tool: ToolRecord(version: "1", revision: texts, swift: "6.3.1"),
      buildConfiguration: .release)
    let host = HostRecord(
      fingerprint: "f00d", kvm: KVMRecord(backend: .pvm, capabilities: ["IRQFD": 1]), cpu: ["model": texts],
      missing: [MissingFact(what: "PMU \(texts)", why: texts, remedy: texts)])
    return RunResult(
      run: run, host: host, legs: legs, comparisons: set.comparisons, summaries: set.summaries, claims: claims)
  }

  /// The text of a derived file.
  static func file(_ name: String, _ result: RunResult) throws -> String {
    for file in try ReportWriter.render(result) where file.name == name {
      return String(decoding: file.bytes, as: UTF8.self)
    }
    throw NoSuchFile(name: name)
  }

  struct NoSuchFile: Error {
    let name: String
  }
}
