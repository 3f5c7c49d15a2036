import Counters
import KVM
import LinuxSystem
import Probe
import Results
import Statistics
import Topology

/// What counting costs the legs that are counted: the same legs with their perf events and without, in pairs.
public struct CountingCost: Sendable {
  public let workload: String
  /// Machine and mode.
  public let place: String
  /// The leg's median time, or else its first metric, counted over the same uncounted; below 1.0 counting costs.
  public let ratio: PairedLogRatio

  /// Runs every leg of a suite's native and nearmetal machines twice a block, in random order, back to back.
  /// - Parameters:
  ///   - everything: counts in the legs also what a run counts in its counting pass.
  ///   - report: told what comes next.
  public static func measure(
    _ suite: Suite, seed: UInt64, everything: Bool, diskDirectory: String = "/var/tmp",
    _ report: (String) -> Void
  ) throws(RunError) -> [CountingCost] {
    let image = try Run.image(nil)
    let place = try Place(.sameNode, suite, diskDirectory: diskDirectory)
    try Run.checkKVM()
    let counters: CounterPlan
    let hold = TracepointHold()
    defer { hold.release() }
    do throws(Unavailable) { counters = try CounterPlan.make(suite.counters, Backend.detect(), hold) } catch {
      throw .counters(error.reason)
    }
    if !everything { hold.release() }
    let disk = Run.disk(
      suite,
      Run.Options(
        seed: seed, command: [], tool: ToolRecord(version: "", revision: "", swift: ""), diskDirectory: diskDirectory))
    var context = RunContext(suite, image, place, disk: disk, Interruption())
    let groups = everything ? counters.legs + counters.pass : counters.legs
    var random = SeededRandom(seed: seed)
    var (counted, plain): ([Key: [Double]], [Key: [Double]]) = ([:], [:])
    for session in Plan(suite, seed: seed).sessions where session.path.machine != .qemu {
      report("block \(session.legs[0].block), \(session.legs[0].entry.workload) on \(session.path)")
      var pair: [Bool: [LegRecord]] = [:]
      for counts in random.shuffled([true, false]) {
        context.counters = counts ? groups : []
        pair[counts] = context.records(session)
      }
      for (on, off) in zip(pair[true] ?? [], pair[false] ?? []) {
        guard let (metric, other) = figure(on, off) else { continue }
        let parameters = on.parameters.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let key = Key(
          workload: "\(on.workload)\(parameters)", place: session.path.description,
          higherIsBetter: metric.direction == .higher)
        counted[key, default: []].append(metric.value)
        plain[key, default: []].append(other)
      }
    }
    return counted.sorted { ($0.key.workload, $0.key.place) < ($1.key.workload, $1.key.place) }.compactMap { key, on in
      guard let off = plain[key],
        let ratio = try? PairedLogRatio(mode: on, reference: off, higherIsBetter: key.higherIsBetter)
      else { return nil }
      return CountingCost(workload: key.workload, place: key.place, ratio: ratio)
    }
  }

  /// A metric that both legs have: a median, which tells a small cost from a neighbour's disturbance better than a mean does,
  /// else the first. A disturbed leg may be too short for a percentile: means and medians are not paired with each other.
  private static func figure(_ on: LegRecord, _ off: LegRecord) -> (MetricRecord, Double)? {
    let medians = on.metrics.filter { $0.name.hasSuffix(".p50") }
    let isBlock = WorkloadCatalog[on.workload]?.kind == .block
    let wanted = medians.isEmpty && !isBlock ? Array(on.metrics.prefix(1)) : medians
    for metric in wanted {
      if let other = off.metrics.first(where: { $0.name == metric.name }) { return (metric, other.value) }
    }
    return nil
  }

  fileprivate struct Key: Hashable {
    let workload: String
    let place: String
    let higherIsBetter: Bool
  }
}

extension RunContext {
  /// The legs of a session.
  fileprivate func records(_ session: Session) -> [LegRecord] {
    let outcome =
      session.path.machine == .native
      ? NativeMachine(context: self).run(session) : NearMetalMachine(context: self).run(session)
    let assembler = LegAssembler(
      ticksPerNanosecond: Double(tscFrequency) / 1e6, diskCapacity: disk?.size ?? 0,
      time: suite.warmup + suite.window, memory: suite.memory, parameters: parameters,
      memoryPlan: { _ in memory })
    return assembler.legs(session, outcome, order: 0, startedAt: 0)
  }
}
