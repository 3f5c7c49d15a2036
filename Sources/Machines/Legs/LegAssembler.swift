import Counters
import Definitions
import Kernels
import Probe
import ProbeABI
import Results

/// Turns the answers of a session into leg records.
public struct LegAssembler {
  private let context: SessionContext
  /// What a leg may suffer before it is marked.
  private let limits: NoiseLimits

  public init(_ context: SessionContext, limits: NoiseLimits = .standard) {
    self.context = context
    self.limits = limits
  }

  /// TSC ticks a nanosecond.
  private var ticksPerNanosecond: Double { Double(context.tscFrequency) / 1e6 }

  /// The legs of a session that were disturbed from outside, and that a repetition may therefore replace.
  public func disturbed(_ session: Session, _ outcome: SessionOutcome) -> [PlannedLeg] {
    session.legs.filter { leg in
      guard outcome.results[leg.job]?.figures.status == NM_STATUS_OK.rawValue else { return false }
      return noise(of: leg, outcome).map { limits.disturbances(in: $0).contains(where: \.repeats) } ?? false
    }
  }

  func noise(of leg: PlannedLeg, _ outcome: SessionOutcome) -> Noise? {
    outcome.windows[leg.job]?.noise ?? outcome.noise
  }

  /// - Parameters:
  ///   - session: whose legs they are.
  ///   - outcome: what its guest sent, or why it sent nothing.
  ///   - order: of the session's first leg in its block.
  ///   - startedAt: seconds from the run's beginning.
  public func legs(_ session: Session, _ outcome: SessionOutcome, order: Int, startedAt: Double) -> [LegRecord] {
    let memoryPlan = context.placed(for: session).memory
    let storage = session.disk?.backing == .direct ? context.disk.storage : nil
    let sharing = context.threads(of: session).sharing(isNative: session.path.isNative)
    return session.legs.enumerated().map { index, leg in
      var record = LegRecord(
        id: leg.id, block: leg.block, order: order + index, path: leg.path, workload: leg.workload, status: .ok,
        startedAt: startedAt, attempt: leg.attempt)
      if let reason = outcome.skipped {
        record.status = .skipped
        record.reason = reason
      } else if leg.entry.linux != nil {
        fill(&record, linux: outcome, leg)
      } else if leg.entry.crowd != nil {
        fill(&record, crowd: outcome)
      } else if leg.entry.isBoot {
        fill(&record, boot: outcome)
      } else if let result = outcome.results[leg.job] {
        fill(&record, result, leg)
        if record.status == .failed, let problem = outcome.deviceFailure {
          record.reason = "\(record.reason ?? ""); \(problem)"
        }
        if let use = outcome.windows[leg.job] { fill(&record, use, leg, operations: result.figures.operations) }
        if let noise = noise(of: leg, outcome) { fill(&record, noise, inTurns: outcome.turns != nil) }
        if record.status == .ok, let taken = outcome.turns { fill(&record, result, taken) }
      } else {
        record.status = .failed
        record.reason = outcome.failure ?? "the job was not answered"
      }
      record.memory = outcome.memory
      if let memory = outcome.memory { record.validity += memoryPlan.doubts(memory) }
      if let sharing, record.status == .ok { record.validity.append(sharing) }
      if let storage, let size = leg.entry.numbers["bs"], record.status == .ok {
        record.validity += storage.doubts(requestSize: size)
      }
      return record
    }
  }

  private func fill(_ record: inout LegRecord, _ result: ProbeResult, _ leg: PlannedLeg) {
    switch result.figures.status {
    case NM_STATUS_SKIPPED.rawValue:
      record.status = .skipped
      record.reason = result.reason
    case NM_STATUS_FAILED.rawValue:
      record.status = .failed
      record.reason = result.reason
    default:
      if let problem = problem(result, leg) {
        record.status = .failed
        record.reason = problem
        return
      }
      do throws(HistogramError) { record.metrics = try metrics(result, leg) } catch {
        record.status = .failed
        record.reason = "the probe's histogram is damaged: \(error)"
      }
      if record.status == .ok { record.answer = answer(result.figures, leg) }
    }
  }

  /// What is wrong with an answer that claims to be good: the host computes every checksum again.
  private func problem(_ result: ProbeResult, _ leg: PlannedLeg) -> String? {
    let figures = result.figures
    guard figures.operations > 0, figures.ticks > 0, figures.closed_tsc > figures.opened_tsc else {
      return "the window is empty"
    }
    guard let workload = KernelWorkload(named: leg.workload.id) else { return nil }
    guard figures.values.0 <= mostOperations(workload, leg) else {
      return "\(figures.values.0) operations that the host would have to repeat are more than the leg had time for"
    }
    let expected = workload.referenceChecksum(
      result: figures, job: leg.job, seed: leg.seed, parameters: context.parameters(leg),
      capacity: context.disk.size, shares: result.shares)
    guard let expected else { return "the answer's figures make no sense for \(leg.workload.id)" }
    guard expected == figures.checksum else {
      let found = String(figures.checksum, radix: 16)
      return "wrong checksum: expected \(String(expected, radix: 16)), found \(found)"
    }
    return nil
  }

  /// Most operations whose checksum the host computes again: what no machine exceeds, so that a guest that names any number
  /// cannot keep the host busy for ever.
  private func mostOperations(_ workload: KernelWorkload, _ leg: PlannedLeg) -> UInt64 {
    let time = context.warmup + context.window(of: leg)
    return switch workload {
    case .cpuSHA256: 2 * time / 1000
    case .memoryTouch: context.memoryBytes / 4096
    case .cpuInteger, .cpuFloat, .cpuBranch, .memoryCopy, .memoryTriad, .memoryLatency: 20 * time
    default: time / 10 * UInt64(leg.entry.disk?.concurrency.vcpus ?? 1)
    }
  }

  private func metrics(_ result: ProbeResult, _ leg: PlannedLeg) throws(HistogramError) -> [MetricRecord] {
    let figures = result.figures
    let seconds = Double(figures.ticks) / ticksPerNanosecond / 1e9
    let histogram =
      result.histogram.isEmpty
      ? nil
      : try HistogramRecord(
        probeCounts: result.histogram, ticksPerNanosecond: ticksPerNanosecond,
        operationsPerSample: Int(figures.histogram_unit))
    let distribution = try histogram.map { (record) throws(HistogramError) in try LatencyDistribution(record) }
    let median = distribution?.nanoseconds(atPercentile: 50)
    switch leg.entry.kind {
    case .compute:
      return [higher("throughput", "Mop/s", Double(figures.operations) / seconds / 1e6)]
        + lower("time.p50", "ns", median, histogram)
    case .bandwidth:
      return [higher("bandwidth", "MiB/s", Double(figures.bytes) / seconds / Double(1 << 20))]
        + lower("time.p50", "ns", median, histogram)
    case .latency:
      return lower("latency", "ns", median, histogram)
        + lower("latency.mean", "ns", Double(figures.ticks) / ticksPerNanosecond / Double(figures.operations))
    case .exits: return try exitMetrics(histogram, distribution, loopOverhead(figures))
    case .block:
      guard let histogram else { return [] }
      return [
        higher("iops", "IOPS", Double(figures.operations) / seconds),
        higher("bandwidth", "MiB/s", Double(figures.bytes) / seconds / Double(1 << 20)),
      ].filter { $0.value > 0 } + (try MetricRecord.percentiles(of: histogram, name: "latency"))
        + lower("latency.mean", "ns", distribution?.mean)
    case .net: return try netMetrics(figures, seconds, histogram, distribution)
    case .operations, .boot, .linux:
      guard let histogram else { return [] }
      return try MetricRecord.percentiles(of: histogram, name: "latency")
        + lower("latency.mean", "ns", distribution?.mean)
    }
  }

  /// Frames and data a second, or how long one takes there and back; and what became of those that did not come through once
  /// and in order. A wrong byte fails the leg, so the count of a leg that did not fail is 0.
  private func netMetrics(
    _ figures: nm_result, _ seconds: Double, _ histogram: HistogramRecord?, _ distribution: LatencyDistribution?
  ) throws(HistogramError) -> [MetricRecord] {
    var metrics: [MetricRecord] = []
    if let histogram {
      metrics = try MetricRecord.percentiles(of: histogram, name: "latency")
      metrics += lower("latency.mean", "ns", distribution?.mean)
    }
    metrics.append(higher("frames", "frames/s", Double(figures.operations) / seconds))
    if histogram == nil {
      metrics.append(higher("bandwidth", "MiB/s", Double(figures.bytes) / seconds / Double(1 << 20)))
    }
    let (lost, duplicated, reordered, missed) = figures.values
    var counts = [("lost", lost), ("duplicated", duplicated), ("reordered", reordered), ("corrupted", 0)]
    if histogram != nil { counts.append(("missed", missed)) }
    for (name, count) in counts { metrics += lower("frames.\(name)", "frames", Double(count)) }
    return metrics
  }

  /// The median less what timing itself takes, and its spread.
  private func exitMetrics(
    _ histogram: HistogramRecord?, _ distribution: LatencyDistribution?, _ overhead: Double
  ) throws(HistogramError) -> [MetricRecord] {
    guard let histogram, let median = distribution?.nanoseconds(atPercentile: 50) else { return [] }
    let cost = max(0, median - overhead)
    return [
      MetricRecord(name: "cost", unit: "ns", direction: .lower, value: cost, histogram: histogram),
      MetricRecord(name: "cost.cycles", unit: "cycles", direction: .lower, value: cost * ticksPerNanosecond),
    ] + lower("cost.mean", "ns", (distribution?.mean).map { max(0, $0 - overhead) })
      + lower(
        "cost.p99", "ns", distribution.flatMap { $0.supports(percentile: 99) ? $0.nanoseconds(atPercentile: 99) : nil })
  }

  /// Nanoseconds of an operation that are the measurement's own: timing nothing, or the empty loop's share.
  private func loopOverhead(_ figures: nm_result) -> Double {
    Double(figures.values.2) / ticksPerNanosecond / Double(max(1, figures.histogram_unit))
  }

  func higher(_ name: String, _ unit: String, _ value: Double) -> MetricRecord {
    MetricRecord(name: name, unit: unit, direction: .higher, value: value)
  }

  func lower(
    _ name: String, _ unit: String, _ value: Double?, _ histogram: HistogramRecord? = nil
  ) -> [MetricRecord] {
    value.map { [MetricRecord(name: name, unit: unit, direction: .lower, value: $0, histogram: histogram)] } ?? []
  }

  func fill(_ record: inout LegRecord, _ use: WindowUse, _ leg: PlannedLeg, operations: UInt64) {
    record.counters = CounterRecord.all(of: use)
    let shared = record.counters.filter { $0.status == .multiplexed }.map(\.name)
    if !shared.isEmpty {
      record.validity.append("counters were multiplexed: \(Set(shared).sorted().joined(separator: ", "))")
    }
    if record.status == .ok, [.block, .net, .linux].contains(leg.entry.kind), operations > 0 {
      let exits = use.statistics["vcpu.exits"].map { all in
        // The host's own interrupts end a guest's run as well; they are no doing of the data path.
        all - min(all, use.statistics["vcpu.irq_exits"] ?? 0)
      }
      let counts = [
        ("exits", exits), ("interrupts", use.statistics["vcpu.irq_injections"]),
        ("doorbells", use.statistics["monitor.doorbells"]), ("calls", use.statistics["monitor.backend_calls"]),
        ("copies", use.statistics["monitor.backend_copies"]),
      ]
      for (name, count) in counts {
        guard let count else { continue }
        record.metrics += lower(
          "\(name)\(MetricRecord.perOperationSuffix)", MetricRecord.perOperation, Double(count) / Double(operations))
      }
    }
    let workload = Double(use.workload) / 1e9
    let io = use.io.map { Double($0) / 1e9 }
    record.cpuSeconds = CPUSeconds(vcpu: workload, io: io, total: workload + (io ?? 0))
    if record.status == .ok, [.block, .net, .linux].contains(leg.entry.kind), operations > 0 {
      record.metrics += lower(MetricRecord.cpuTime, "ns", (workload + (io ?? 0)) * 1e9 / Double(operations))
    }
    record.noise["involuntarySwitches"] = Double(use.involuntarySwitches)
  }

  /// Keeps the windows of the rounds that every leg had its turn in.
  private func fill(_ record: inout LegRecord, _ result: ProbeResult, _ taken: TurnsTaken) {
    let rounds = taken.windows.prefix { $0.allSatisfy { $0 < result.turns.count } }
    guard !rounds.isEmpty else {
      record.status = .failed
      record.reason = "no round was complete"
      record.metrics = []
      return
    }
    func windows(_ label: Int) -> TurnsRecord.Windows {
      let turns = rounds.map { result.turns[$0[label]] }
      func time(_ ticks: UInt64, _ unit: Double) -> UInt64 {
        UInt64(exactly: (Double(ticks) / ticksPerNanosecond * unit).rounded()) ?? 0
      }
      return TurnsRecord.Windows(
        operations: turns.map(\.operations), nanoseconds: turns.map { time($0.ticks, 1) },
        median: turns.map { time($0.median, 1000) })
    }
    let disturbed = taken.disturbed.filter { $0 < rounds.count }
    var turns = TurnsRecord(
      length: taken.length, rewarm: taken.rewarm, windows: windows(0), twin: rounds[0].count > 1 ? windows(1) : nil,
      disturbed: disturbed)
    if !taken.handOffs.isEmpty {
      turns.handOffs = TurnsRecord.HandOffs(
        rounds: taken.handOffs.map { UInt64($0.round) },
        nanoseconds: taken.handOffs.map { UInt64($0.nanoseconds.rounded()) })
    }
    // Only what is the same in all modes can tell what those before it do to it.
    if record.path.isNative {
      turns.predecessors = TurnsRecord.Predecessors(
        taken.before.prefix(rounds.count).map { $0.map { $0?.description } })
    }
    record.turns = turns
    if rounds.count - disturbed.count < TurnsRecord.leastRounds {
      record.validity.append(
        "\(disturbed.count) of \(rounds.count) rounds were disturbed by other threads: too many to leave them out")
    }
  }

  /// - Parameter inTurns: whether the leg shared the time with those it is compared with: what came from outside met all of them
  ///   alike then, and is no reason to doubt one.
  func fill(_ record: inout LegRecord, _ noise: Noise, inTurns: Bool) {
    record.noise.merge(noise.figures) { _, new in new }
    record.validity += limits.disturbances(in: noise).filter { !inTurns || !$0.repeats }.map(\.reason)
  }
}
