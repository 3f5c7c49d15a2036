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
  /// - Parameters:
  ///   - suite: what each side of a pair runs.
  ///   - options: of both sides; the seed also draws which side goes first.
  ///   - iterations: windows a boot, 1 or more. The first is what a run measures; the others only tell how much
  ///     windows of one boot differ.
  ///   - interruption: ends the pair that is measured.
  public init(
    _ suite: Suite, _ options: Run.Options, iterations: Int, _ interruption: Interruption
  ) throws(RunError) {
    precondition(iterations >= 1, "a boot has a window")
    run = try Run(suite, options, interruption)
    context = run.audited().context
    self.iterations = iterations
    random = SeededRandom(seed: options.seed)
  }

  /// How long the turns of each workload are best here.
  public func turnLengths(_ onWorkload: (Workload) -> Void) -> [TurnLengthRecord] {
    TurnLengthSearch(suite: run.plan.suite, context: context).run(seed: run.plan.seed, onWorkload: onWorkload)
  }

  /// What all pairs have in common.
  public var host: HostRecord { run.host.record }
  public var startedAt: String { run.record.startedAt }

  /// Steps of one pair, each of them a group in turns or else a boot (or a native leg) of a side, and the decisions that it allows:
  /// one for each workload on each machine in each mode.
  func size(slowing injection: InjectionRecord?) -> (boots: Int, decisions: Int) {
    let suite = run.plan.suite
    var (steps, legs) = (0, 0)
    for group in Plan(suite, seed: run.plan.seed).groups {
      let sessions = group.sessions.map { reached($0, by: injection).count }.filter { $0 > 0 }
      guard !sessions.isEmpty else { continue }
      let parts = parts(of: group).count
      steps += suite.turns(group) != nil && obstacle(group) == nil ? parts : 2 * sessions.count
      legs += sessions.reduce(0, +)
    }
    return (steps, legs / suite.blocks)
  }

  /// What of a group takes turns together: exits have no native leg, and each of them takes turns with the same of the other side.
  private func parts(of group: SessionGroup) -> [SessionGroup] { group.isOfExits ? group.legByLeg : [group] }

  /// Why both sides of a group cannot take turns; nil where they can.
  private func obstacle(_ group: SessionGroup) -> String? {
    let most = parts(of: group).map(\.sessions.count).max() ?? 1
    return (group.isOfExits ? nil : group.turnObstacle) ?? TurnTaking.memoryObstacle(2 * most, context)
  }

  private func reached(_ session: Session, by injection: InjectionRecord?) -> [PlannedLeg] {
    guard let injection else { return session.legs }
    return session.legs.filter(injection.kind.reaches)
  }

  /// Measures one pair. With a slowdown it holds only the legs that the slowdown reaches.
  /// - Parameters:
  ///   - name: unique among the pairs of this run.
  ///   - injection: what slows the second side; nil for equal sides.
  ///   - onBoot: called before each boot (or native leg) with what comes next.
  /// - Returns: nil when the user asked to stop before it was complete.
  public mutating func measure(
    _ name: String, slowing injection: InjectionRecord?, onBoot: (String) -> Void
  ) -> CalibrationPair? {
    let sides = [context.unslowed(like: injection), context.slowed(by: injection)]
    var pair = Pair(results: sides.map { _ in RunResult(run: run.record, host: run.host.record, legs: []) })
    let start = MonotonicClock.now
    for block in 0..<run.plan.suite.blocks {
      for group in groups(block: block, reachedBy: injection) {
        let isComplete =
          if let turns = run.plan.suite.turns(group), obstacle(group) == nil {
            parts(of: group).allSatisfy { measure($0, inTurns: turns, sides, since: start, &pair, onBoot) }
          } else {
            measure(group, oneByOne: sides, since: start, &pair, onBoot)
          }
        guard isComplete else { return nil }
      }
    }
    var results = pair.results
    for side in 0...1 {
      results[side].run.id += ".\(name)\(side == 0 ? "a" : "b")"
      results[side].run.interleaving = "\(run.record.id).\(name)"
      results[side].run.isPaced = true
    }
    results[1].run.injection = injection
    let window = Double(run.plan.suite.warmup + run.plan.suite.longestWindow) / 1e9
    let seconds = Double(MonotonicClock.now - start) / 1e9 / Double(max(1, pair.boots))
    return CalibrationPair(
      base: results[0], head: results[1], baseRepeats: pair.repeats[0], headRepeats: pair.repeats[1],
      windowSeconds: window,
      legSeconds: max(0, seconds - window * Double(iterations)))
  }

  /// What was measured of a pair so far, by side.
  private struct Pair {
    var results: [RunResult]
    /// Further windows of the same boots.
    var repeats: [[LegRecord]] = [[], []]
    var boots = 0
    private var seen: [Set<String>] = [[], []]

    init(results: [RunResult]) { self.results = results }

    /// Adds the legs of a boot. The first window of each leg decides; the others of a boot whose first one was repeated are of
    /// another boot than what decides.
    mutating func add(_ legs: [LegRecord], side: Int) {
      boots += 1
      let redone = Set(legs.filter { ($0.attempt ?? 1) > 1 }.map(\.workload))
      for leg in legs {
        if seen[side].insert(leg.id).inserted {
          results[side].legs.append(leg)
        } else if !redone.contains(leg.workload) {
          repeats[side].append(leg)
        }
      }
    }

    /// The place of the next leg of a block.
    func order(_ side: Int, block: Int) -> Int { results[side].legs.count { $0.block == block } }
  }

  /// Measures a group with both sides' guests taking turns with each other, and with one native leg, of whose two turns in a round
  /// each side has one.
  /// - Returns: whether it was measured whole.
  private mutating func measure(
    _ group: SessionGroup, inTurns turns: TurnPlan, _ sides: [SessionContext], since start: UInt64, _ pair: inout Pair,
    _ onBoot: (String) -> Void
  ) -> Bool {
    let first = group.sessions[0].legs[0]
    onBoot("\(first.workload.id) in turns")
    var members: [(session: Session, side: Int)] = []
    for session in group.sessions {
      for side in session.path.isNative ? [0] : [0, 1] {
        members.append((Session(path: session.path, legs: session.legs.flatMap { windows(of: $0, count: 1) }), side))
      }
    }
    let startedAt = Double(MonotonicClock.now - start) / 1e9
    var taking = TurnTaking(
      members.map { TurnTaking.Member($0.session, sides[$0.side]) }, context, turns, seed: random.next(),
      isTwinned: true)
    let outcomes = taking.run()
    guard !context.interruption.isRequested else { return false }
    for (member, outcome) in zip(members, outcomes) {
      let order = pair.order(member.side, block: group.block)
      let legs = LegAssembler(sides[member.side]).legs(member.session, outcome, order: order, startedAt: startedAt)
      guard member.session.path.isNative else {
        pair.add(legs, side: member.side)
        continue
      }
      // Figures of the leg as a whole are the same for both sides, and say nothing.
      let own = legs.map { leg in
        var leg = leg
        leg.metrics.removeAll { TurnsRecord.Figure(metric: $0.name, of: leg.workload) == nil }
        return leg
      }
      pair.add(own, side: 0)
      pair.add(own.map(\.withSwappedTwins), side: 1)
    }
    return true
  }

  /// Measures a group one session after the other, all of one side and then the same of the other in the same order, the sides in
  /// random order, as the gate runs two builds.
  /// - Returns: whether it was measured whole.
  private mutating func measure(
    _ group: SessionGroup, oneByOne sides: [SessionContext], since start: UInt64, _ pair: inout Pair,
    _ onBoot: (String) -> Void
  ) -> Bool {
    for side in random.shuffled([0, 1]) {
      for session in group.sessions {
        let legs = session.legs.flatMap { windows(of: $0, count: $0.entry.isBoot ? 1 : iterations) }
        // Windows of a boot differ in their job alone; the first of each leg decides, and is repeated where a run would.
        var first: [String: UInt32] = [:]
        for leg in legs where first[leg.id] == nil { first[leg.id] = leg.job }
        let measured = run.measure(
          Session(path: session.path, legs: legs), sides[side], order: pair.order(side, block: group.block),
          since: start, firstFreeJob: Self.jobs, repeats: { first[$0.id] == $0.job },
          report: { attempt, _ in onBoot("\(attempt.legs[0].workload.id) on \(attempt.path)") })
        if measured.isCutShort { return false }
        pair.add(measured.legs, side: side)
      }
    }
    return true
  }

  /// The groups of one block, with what a slowdown reaches of them.
  private mutating func groups(block: Int, reachedBy injection: InjectionRecord?) -> [SessionGroup] {
    var suite = run.plan.suite
    suite.blocks = 1
    return Plan(suite, seed: random.next()).groups.compactMap { group in
      let sessions = group.sessions.compactMap { session -> Session? in
        let legs = reached(session, by: injection).map { $0.moved(to: block) }
        return legs.isEmpty ? nil : Session(path: session.path, legs: legs)
      }
      return sessions.isEmpty ? nil : SessionGroup(sessions)
    }
  }

  /// The windows of a leg: jobs of the same boot.
  private mutating func windows(of leg: PlannedLeg, count: Int) -> [PlannedLeg] {
    (0..<count).map { _ in
      defer { nextJob = nextJob + 1 == Self.jobs ? 1 : nextJob + 1 }
      return leg.renumbered(UInt32(nextJob))
    }
  }
}

extension LegRecord {
  /// The same with the second of two turns a round as the one that counts.
  fileprivate var withSwappedTwins: LegRecord {
    var leg = self
    leg.turns?.swapTwins()
    return leg
  }
}
