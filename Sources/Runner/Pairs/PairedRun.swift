import Definitions
import LinuxSystem
import Machines
import Results
import Statistics
import Verdicts

/// Runs a suite twice at once, block by block: in every block both sides run each workload on each machine in each mode, one side
/// after the other in random order, on freshly booted guests. Both are this build; a slowdown on purpose is put on the second.
public struct PairedRun {
  private let run: Run
  private let context: SessionContext
  private let iterations: Int
  private var random: SeededRandom
  private var nextJob = 1
  /// Jobs below are those of windows; a leg that is repeated gets the number this much above.
  private static let jobs = 0x40_0000

  /// Checks everything that can be checked before anything is measured.
  /// - Parameter iterations: windows a boot, 1 or more. The first is what a run measures; the others only tell how much windows
  ///   of one boot differ.
  public init(
    _ suite: Suite, _ options: Run.Options, iterations: Int, _ interruption: Interruption
  ) throws(RunError) {
    precondition(iterations >= 1, "a boot has a window")
    run = try Run(suite, options, interruption)
    context = run.audited().context
    self.iterations = iterations
    random = SeededRandom(seed: options.seed)
  }

  /// What all pairs have in common.
  public var host: HostRecord { run.host.record }
  public var startedAt: String { run.record.startedAt }

  /// Boots (and native legs) of one pair, and the decisions that it allows: one for each workload on each machine in each mode.
  func size(slowing injection: InjectionRecord?) -> (boots: Int, decisions: Int) {
    let suite = run.plan.suite
    let sessions = Plan(suite, seed: run.plan.seed).sessions.map { reached($0, by: injection).count }.filter { $0 > 0 }
    return (2 * sessions.count, sessions.reduce(0, +) / suite.blocks)
  }

  private func reached(_ session: Session, by injection: InjectionRecord?) -> [PlannedLeg] {
    guard let injection else { return session.legs }
    return session.legs.filter(injection.kind.reaches)
  }

  /// Measures one pair. With a slowdown it holds only the legs that the slowdown reaches.
  /// - Parameters:
  ///   - name: unique among the pairs of this run.
  ///   - onBoot: called before each boot (or native leg) with what comes next.
  /// - Returns: nil when the user asked to stop before it was complete.
  public mutating func measure(
    _ name: String, slowing injection: InjectionRecord?, onBoot: (String) -> Void
  ) -> CalibrationPair? {
    let sides = [context, context.slowed(by: injection)]
    var results = sides.map { _ in RunResult(run: run.record, host: run.host.record, legs: []) }
    var repeats: [[LegRecord]] = [[], []]
    let start = MonotonicClock.now
    let blocks = (0..<run.plan.suite.blocks).map { sessions(block: $0, reachedBy: injection) }
    let boots = blocks.reduce(0) { $0 + $1.count }
    var seen: [Set<String>] = [[], []]
    for block in blocks {
      var order = [0, 0]
      for (session, side) in block {
        // Windows of a boot differ in their job alone; the first of each leg decides, and is repeated where a run would.
        var first: [String: UInt32] = [:]
        for leg in session.legs where first[leg.id] == nil { first[leg.id] = leg.job }
        let measured = run.measure(
          session, sides[side], order: order[side], since: start, firstFreeJob: Self.jobs,
          repeats: { first[$0.id] == $0.job },
          report: { attempt, _ in onBoot("\(attempt.legs[0].workload.id) on \(attempt.path)") })
        if measured.isCutShort { return nil }
        let redone = Set(measured.legs.filter { ($0.attempt ?? 1) > 1 }.map(\.workload))
        for leg in measured.legs {
          if seen[side].insert(leg.id).inserted {
            results[side].legs.append(leg)
          } else if !redone.contains(leg.workload) {
            // The other windows of a boot whose first one was repeated are of another boot than what decides.
            repeats[side].append(leg)
          }
        }
        order[side] += measured.legs.count
      }
    }
    for side in 0...1 {
      results[side].run.id += ".\(name)\(side == 0 ? "a" : "b")"
      results[side].run.interleaving = "\(run.record.id).\(name)"
    }
    results[1].run.injection = injection
    let window = Double(run.plan.suite.warmup + run.plan.suite.window) / 1e9
    let seconds = Double(MonotonicClock.now - start) / 1e9 / Double(max(1, boots))
    return CalibrationPair(
      base: results[0], head: results[1], baseRepeats: repeats[0], headRepeats: repeats[1], windowSeconds: window,
      legSeconds: max(0, seconds - window * Double(iterations)))
  }

  /// The boots of one block with the side that each belongs to: all of one side, then the same of the other in the same order,
  /// the sides in random order, as the gate runs two builds.
  private mutating func sessions(
    block: Int, reachedBy injection: InjectionRecord?
  ) -> [(session: Session, side: Int)] {
    var suite = run.plan.suite
    suite.blocks = 1
    let plan = Plan(suite, seed: random.next())
    var boots: [(session: Session, side: Int)] = []
    for side in random.shuffled([0, 1]) {
      for session in plan.sessions {
        let legs = reached(session, by: injection)
        guard !legs.isEmpty else { continue }
        boots.append((Session(path: session.path, legs: legs.flatMap { windows(of: $0, block: block) }), side))
      }
    }
    return boots
  }

  /// The windows of a leg: jobs of the same boot. `boot` is measured by booting, so it has one.
  private mutating func windows(of leg: PlannedLeg, block: Int) -> [PlannedLeg] {
    (0..<(leg.entry.isBoot ? 1 : iterations)).map { _ in
      defer { nextJob = nextJob + 1 == Self.jobs ? 1 : nextJob + 1 }
      return PlannedLeg(block: block, path: leg.path, entry: leg.entry, job: UInt32(nextJob), seed: leg.seed)
    }
  }
}
