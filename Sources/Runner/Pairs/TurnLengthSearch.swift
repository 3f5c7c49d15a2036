import Definitions
import LinuxSystem
import Machines
import Results
import Statistics

/// Finds how long the windows of turns are best on this host, workload by workload: a native leg and one guest take turns of each
/// length for about the same time, and the native leg's two turns of a round are held against each other. Too short a turn pays more
/// for parking and waking than it measures; in too long a one the host changes meanwhile. Both are in what one second leaves of the
/// scatter, which is the least for the best length.
struct TurnLengthSearch {
  /// Nanoseconds beyond which the host changes within a round.
  private static let longest: UInt64 = 10_000_000
  private static let blocks = 6

  let suite: Suite
  let context: SessionContext

  /// - Parameter onWorkload: called before each workload.
  /// - Returns: what was found for each workload that takes turns; what there is where the user asks to stop.
  func run(seed: UInt64, onWorkload: (Workload) -> Void) -> [TurnLengthRecord] {
    var random = SeededRandom(seed: seed)
    var suite = suite
    (suite.blocks, suite.extend) = (Self.blocks, 0)
    let plan = Plan(suite, seed: seed)
    let lengths = Self.lengths(tick: suite.tick)
    var workloads: [Workload] = []
    var spreads: [Workload: [UInt64: [Double]]] = [:]
    var seconds: [Workload: [UInt64: Double]] = [:]
    for group in plan.groups {
      guard !context.interruption.isRequested, let sessions = pair(of: group) else { continue }
      let workload = sessions[0].legs[0].workload
      if !workloads.contains(workload) {
        workloads.append(workload)
        onWorkload(workload)
      }
      for length in random.shuffled(lengths) {
        let begin = MonotonicClock.now
        var taking = TurnTaking(
          sessions.map { TurnTaking.Member($0, context) }, context,
          TurnPlan(length: length, window: suite.window(of: sessions[0].legs[0].entry)),
          seed: random.next())
        let outcomes = taking.run()
        let legs = zip(sessions, outcomes).flatMap { session, outcome in
          LegAssembler(context).legs(session, outcome, order: 0, startedAt: 0)
        }
        guard let logarithm = Self.check(legs) else { continue }
        spreads[workload, default: [:]][length, default: []].append(logarithm)
        seconds[workload, default: [:]][length, default: 0] += Double(MonotonicClock.now - begin) / 1e9
      }
    }
    return workloads.compactMap { workload in
      let trials = lengths.compactMap { length -> TurnLengthRecord.Trial? in
        guard let logarithms = spreads[workload]?[length], logarithms.count == Self.blocks,
          let sample = try? Sample(logarithms), let time = seconds[workload]?[length]
        else { return nil }
        return TurnLengthRecord.Trial(
          length: length, spread: sample.standardDeviation, seconds: time / Double(Self.blocks))
      }
      return trials.isEmpty ? nil : TurnLengthRecord(workload: workload, trials: trials)
    }
  }

  /// Those that show what a tick costs, the shortest of them among them.
  static func lengths(tick: UInt64) -> [UInt64] {
    let least = TurnPlan.leastLength(tick: tick)
    return [least] + [least * 2, least * 4].filter { $0 <= max(longest, least) }
  }

  /// A native leg and one guest, whose parking is what most legs pay for; nil for a group that takes no turns.
  private func pair(of group: SessionGroup) -> [Session]? {
    guard TurnTaking.obstacle(group, context) == nil, let native = group.sessions.first(where: { $0.path.isNative }),
      let guest = group.sessions.last(where: { $0.path.machine == .nearmetal })
    else { return nil }
    return [native, guest]
  }

  /// The native leg's second turns over its first.
  private static func check(_ legs: [LegRecord]) -> Double? {
    guard let native = legs.first(where: { $0.path.isNative && $0.status == .ok }), let metric = native.metrics.first,
      let series = Series.all(in: [native]).first(where: { $0.key.subject.metric == metric.name }),
      let point = series.points[native.block]
    else { return nil }
    return BlockRatio(twinOf: point, series.key.subject)?.logarithm
  }
}
