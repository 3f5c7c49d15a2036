import LinuxSystem
import Results
import Statistics
import Verdicts

/// Runs a suite twice at once, block by block: in every block both sides run each workload on each machine in each mode, back to
/// back and in random order, on freshly booted guests. Both are this build; a slowdown on purpose is put on the second one.
public struct PairedRun {
  private let run: Run
  private let iterations: Int
  private var random: SeededRandom
  private var nextJob: UInt32 = 1

  /// Checks everything that can be checked before anything is measured.
  /// - Parameter iterations: windows a boot, 1 or more. The first is what a run measures; the others only tell how much windows
  ///   of one boot differ.
  public init(
    _ suite: Suite, _ options: Run.Options, iterations: Int, _ interruption: Interruption
  ) throws(RunError) {
    precondition(iterations >= 1, "a boot has a window")
    run = try Run(suite, options, interruption)
    self.iterations = iterations
    random = SeededRandom(seed: options.seed)
  }

  /// What all pairs have in common.
  public var host: HostRecord { run.host.record }
  public var startedAt: String { run.record.startedAt }

  /// Measures one pair. With a slowdown it holds only the legs that the slowdown reaches.
  /// - Parameters:
  ///   - name: unique among the pairs of this run.
  ///   - onSession: called before each boot, with the boots of this pair that are done, all of them, and what comes next.
  /// - Returns: nil when the user asked to stop before it was complete.
  public mutating func measure(
    _ name: String, slowing injection: InjectionRecord?, onSession: (_ done: Int, _ total: Int, _ next: String) -> Void
  ) -> CalibrationPair? {
    let sides = [run, injection.map(run.slowed(by:)) ?? run]
    var results = sides.map { _ in RunResult(run: run.record, host: run.host.record, legs: []) }
    var repeats: [[LegRecord]] = [[], []]
    let start = MonotonicClock.now
    let blocks = (0..<run.plan.suite.blocks).map { sessions(block: $0, reachedBy: injection) }
    let total = blocks.reduce(0) { $0 + $1.count }
    var done = 0
    var seen: [Set<String>] = [[], []]
    for block in blocks {
      var order = [0, 0]
      for (session, side) in block {
        if run.context.interruption.isRequested { return nil }
        onSession(done, total, "\(session.legs[0].entry.workload) on \(session.path)")
        let startedAt = Double(MonotonicClock.now - start) / 1e9
        let outcome = sides[side].run(session)
        if run.context.interruption.isRequested { return nil }
        let legs = sides[side].assembler.legs(session, outcome, order: order[side], startedAt: startedAt)
        for leg in legs {
          // Windows of a boot differ in their job alone.
          let isFirst = seen[side].insert(leg.id).inserted
          if isFirst { results[side].legs.append(leg) } else { repeats[side].append(leg) }
        }
        order[side] += session.legs.count
        done += 1
      }
    }
    for side in 0...1 {
      results[side].run.id += ".\(name)\(side == 0 ? "a" : "b")"
      results[side].run.interleaving = "\(run.record.id).\(name)"
    }
    results[1].run.injection = injection
    let window = Double(run.plan.suite.warmup + run.plan.suite.window) / 1e9
    let seconds = Double(MonotonicClock.now - start) / 1e9 / Double(max(1, total))
    return CalibrationPair(
      base: results[0], head: results[1], baseRepeats: repeats[0], headRepeats: repeats[1], windowSeconds: window,
      legSeconds: max(0, seconds - window * Double(iterations)))
  }

  /// The boots of one block with the side that each belongs to, both sides of a boot next to each other in random order.
  private mutating func sessions(
    block: Int, reachedBy injection: InjectionRecord?
  ) -> [(session: Session, side: Int)] {
    var suite = run.plan.suite
    suite.blocks = 1
    let plan = Plan(suite, seed: random.next())
    return plan.sessions.flatMap { session in
      random.shuffled([0, 1]).compactMap { side in
        let legs = session.legs.filter { leg in
          injection.map { Injection.reaches($0.kind, leg.entry.workload, on: leg.path) } ?? true
        }
        guard !legs.isEmpty else { return nil }
        return (Session(path: session.path, legs: legs.flatMap { windows(of: $0, block: block) }), side)
      }
    }
  }

  /// The windows of a leg: jobs of the same boot. `boot` is measured by booting, so it has one.
  private mutating func windows(of leg: PlannedLeg, block: Int) -> [PlannedLeg] {
    (0..<(leg.entry.workload == "boot" ? 1 : iterations)).map { _ in
      defer { nextJob = nextJob == 0xff_ffff ? 1 : nextJob + 1 }
      return PlannedLeg(block: block, path: leg.path, entry: leg.entry, job: nextJob, seed: leg.seed)
    }
  }
}
