import Counters
import Definitions
import KVM
import LinuxSystem
import Machines
import Results
import Statistics
import Topology

/// What counting costs the legs that are counted: the same legs with their perf events and without, in pairs.
public struct CountingCost: Sendable {
  public let workload: Workload
  public let path: Path
  /// The leg's median time, or else its first metric, counted over the same uncounted; below 1.0 counting costs.
  public let ratio: PairedLogRatio

  /// Runs every leg of a suite's native and nearmetal machines twice a block, in random order, back to back.
  /// - Parameters:
  ///   - suite: whose machines, workloads, blocks and counters they are.
  ///   - seed: of the order, and of the disk's content.
  ///   - everything: counts in the legs also what a run counts in its counting pass.
  ///   - diskDirectory: the folder that the disk image is made in, where workloads need one.
  ///   - report: told what comes next.
  public static func measure(
    _ suite: Suite, seed: UInt64, everything: Bool, diskDirectory: String = "/var/tmp",
    _ report: (String) -> Void
  ) throws(RunError) -> [CountingCost] {
    let image = try Run.image(nil)
    let placement = try RunPlacement(.sameNode, suite, diskDirectory: diskDirectory)
    try Run.checkKVM()
    let counters: CounterPlan
    let hold = TracepointHold()
    defer { hold.release() }
    do throws(Unavailable) { counters = try CounterPlan.make(suite.counters, Backend.detect(), hold) } catch {
      throw .counters(error.reason)
    }
    if !everything { hold.release() }
    let disk = Run.disk(suite, in: diskDirectory, seed: seed)
    var context = SessionContext(suite, image, placement, disk: disk, Interruption())
    let groups = everything ? counters.legs + counters.pass : counters.legs
    var random = SeededRandom(seed: seed)
    var (counted, plain): ([Key: [Double]], [Key: [Double]]) = ([:], [:])
    for session in Plan(suite, seed: seed).sessions
    where MachineTable[session.path.machine].counting != .none {
      report("block \(session.legs[0].block), \(session.legs[0].workload.id) on \(session.path)")
      var pair: [Bool: [LegRecord]] = [:]
      for counts in random.shuffled([true, false]) {
        context.counters = counts ? groups : []
        pair[counts] = context.records(session)
      }
      for (on, off) in zip(pair[true] ?? [], pair[false] ?? []) {
        guard let (metric, other) = figure(on, off) else { continue }
        let key = Key(workload: on.workload, path: session.path, higherIsBetter: metric.direction == .higher)
        counted[key, default: []].append(metric.value)
        plain[key, default: []].append(other)
      }
    }
    return counted.sorted { ($0.key.workload.description, $0.key.path) < ($1.key.workload.description, $1.key.path) }
      .compactMap { key, on in
        guard let off = plain[key],
          let ratio = try? PairedLogRatio(mode: on, reference: off, higherIsBetter: key.higherIsBetter)
        else { return nil }
        return CountingCost(workload: key.workload, path: key.path, ratio: ratio)
      }
  }

  /// A metric that both legs have: a median, which tells a small cost from a neighbour's disturbance better than a mean does,
  /// else the first. A disturbed leg may be too short for a percentile: means and medians are not paired with each other.
  private static func figure(_ on: LegRecord, _ off: LegRecord) -> (MetricRecord, Double)? {
    let medians = on.metrics.filter { $0.name.hasSuffix(".p50") }
    let isBlock = WorkloadCatalog[on.workload.id]?.kind == .block
    let wanted = medians.isEmpty && !isBlock ? Array(on.metrics.prefix(1)) : medians
    for metric in wanted {
      if let other = off.metrics.first(where: { $0.name == metric.name }) { return (metric, other.value) }
    }
    return nil
  }

  fileprivate struct Key: Hashable {
    let workload: Workload
    let path: Path
    let higherIsBetter: Bool
  }
}

extension SessionContext {
  /// The legs of a session.
  fileprivate func records(_ session: Session) -> [LegRecord] {
    LegAssembler(self).legs(session, MachineTable.run(session, self), order: 0, startedAt: 0)
  }
}
