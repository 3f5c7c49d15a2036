import Counters
import Definitions
import KVM
import LinuxSystem
import Machines
import Probe
import Results
import Statistics
import Topology
import Verdicts

/// One run of a suite: the legs in the plan's order, then the comparisons.
public struct Run {
  let plan: Plan
  let context: SessionContext
  private let counters: CounterPlan
  /// Until the audit is done.
  private let hold = TracepointHold()
  let host: HostDescription
  let record: RunRecord
  /// Why nothing of the suite can be run here; every leg is skipped with it.
  private let skipReason: String?
  private let claims: [Claim]
  private let stopping: Stopping
  let pacer: Pacer?
  private let calibration: CalibrationRecord?
  private let kept: KeptRun?

  /// Checks everything that can be checked before anything is measured.
  public init(_ suite: Suite, _ options: Options, _ interruption: Interruption) throws(RunError) {
    var suite = suite
    if let pages = options.pages { suite.pages = pages }
    if options.atMost != nil { (suite.blocks, suite.extend) = (Stopping.mostBlocks, 0) }
    host = HostDescription()
    calibration = options.calibration(host.record.fingerprint)
    suite.turnLengths = calibration?.bestTurns ?? [:]
    suite.tick = MonotonicClock.tick
    let image = try Self.image(options.probe)
    let linux = try Self.linux(suite)
    let directory = options.disk.map { AtomicFile.directory(of: $0.path) } ?? options.diskDirectory
    let place = try RunPlacement(options.placement, suite, diskDirectory: directory)
    if let obstacle = place.memory.obstacle(bytes: suite.memory + 16 << 20) { throw .placement(obstacle) }
    let expanded = place.expand(suite)
    let isAlone = options.pacer == nil && options.atMost == nil
    plan = Plan(
      expanded.suite, seed: options.seed, side: options.pacer?.side ?? 0,
      spare: isAlone && place.cpus.io != nil ? Stopping.spare(suite) : 0)
    skipReason = expanded.reason
    if suite.entries.contains(where: { $0.machines.contains(.nearmetal) }) { try Self.checkKVM() }
    do throws(Unavailable) { counters = try CounterPlan.make(suite.counters, Backend.detect(), hold) } catch {
      throw .counters(error.reason)
    }
    let disk = Self.disk(suite, in: options.diskDirectory, seed: options.seed, given: options.disk)
    var context = SessionContext(expanded.suite, image, place, disk: disk, interruption).slowed(by: options.injection)
    context.linux = linux
    self.context = context
    let now = WallClock.now
    claims = options.claims
    pacer = options.pacer
    stopping = Stopping(plan, claims: claims, atMost: options.atMost)
    var record = RunRecord(
      id: "\(now.compact)-\(String(options.seed, radix: 16))", startedAt: now.text, suite: suite.name,
      seed: options.seed, blocks: suite.blocks, command: options.command, tool: options.tool, level: suite.level,
      buildConfiguration: .current, injection: options.injection, placement: place.record(suite.pages))
    var content = suite.record
    linux?.describe(&content)
    record.content = content
    if suite.turn != .none { record.method = MethodRecord(estimator: BlockRatio.estimator.description) }
    if suite.scale != 1 { record.scale = suite.scale }
    if options.pacer != nil { record.isPaced = true }
    record.image = options.disk?.record
    record.storage = context.disk.storage
    if !suite.against.isEmpty { record.against = suite.against }
    if suite.extend > 0 { record.extension = ExtensionRecord(blocks: suite.extend) }
    if let atMost = options.atMost {
      record.sequential = SequentialRecord(
        spending: ErrorSpending.pocock.rawValue, atMost: atMost)
    }
    kept = options.kept
    if let kept {
      try kept.check(record, fingerprint: host.record.fingerprint)
      record = kept.resumed(at: now.text)
    }
    self.record = record
  }

  /// What a journal of the run begins with.
  public var begun: RunResult { RunResult(run: record, host: host.record, legs: [], calibration: calibration) }

  /// Runs every leg and compares them. An interruption ends it early with what there is.
  /// - Parameters:
  ///   - progress: told what goes on, on the calling thread.
  ///   - journal: keeps what was measured as it comes.
  public func run(_ progress: Progress, journal: RunJournal? = nil) -> RunResult {
    pacer?.pause(before: Pacer.Step(group: Pacer.Step.before))
    // A run that goes on has its earlier time behind it; on a host that was booted meanwhile that is before the clock began.
    let start = MonotonicClock.now &- UInt64((kept?.end?.ended ?? 0) * 1e9)
    let (context, audit) = audited()
    var result = RunResult(run: record, host: host.record, legs: kept?.wholeLegs ?? [], audit: audit)
    var stopping = stopping
    if let kept { stopping.resume(kept) }
    var allotment = RoundAllotment()
    let handOff = HandOff(context.cpus)
    result.run.handOffs = handOff.map { _ in Array((record.handOffs ?? []).prefix(kept?.blocks ?? 0)) }
    var (order, done) = (0, 0)
    /// The last block that was begun, and seconds since the run began.
    var (block, began) = ((kept?.blocks ?? 0) - 1, kept?.end?.ended ?? 0)
    func endBlock(_ elapsed: Double) {
      guard block >= (kept?.blocks ?? 0), block >= 0 else { return }
      journal?.end(RunJournal.BlockEnd(blocks: block + 1, began: began, ended: elapsed, run: result.run))
    }
    for (number, group) in plan.groups.enumerated() {
      if group.block < kept?.blocks ?? 0 {
        done += group.legCount
        continue
      }
      if group.block != block {
        let elapsed = Double(MonotonicClock.now &- start) / 1e9
        endBlock(elapsed)
        if group.block > 0 {
          guard stopping.goesOn(to: group.block, elapsed, &result) else { break }
        }
        (block, began, order) = (group.block, elapsed, 0)
        if let handOff { result.run.handOffs?.append(handOff.measure()) }
      }
      guard stopping.measures(group, result.run) else { continue }
      let total = max(
        plannedLegs(result.run, done: done, elapsed: Double(MonotonicClock.now &- start) / 1e9), done + group.legCount)
      let blocks = result.run.sequential == nil ? max(result.run.blocks, group.block + 1) : nil
      let turns = plan.suite.turns(group).map { allotment.turns(group, $0, &result) }
      let measuring = MonotonicClock.now
      let measured = measure(group, number, turns, context, order: order, since: start) { session, ahead, elapsed in
        progress.report(
          step(
            done + ahead, of: total, elapsed, session, block: group.block, blocks: blocks, stopping.progress))
      }
      let legs = measured.legs.map { leg in
        var leg = leg
        leg.counters = audit.marked(leg.counters)
        return leg
      }
      journal?.append(legs)
      result.legs += legs
      order += legs.count
      result.run.interrupted = measured.isCutShort
      if measured.isCutShort {
        Stopping.interrupted(&result.run, after: block)
        break
      }
      allotment.add(group, seconds: Double(MonotonicClock.now &- measuring) / 1e9)
      done += group.legCount
    }
    if !result.run.interrupted { endBlock(Double(MonotonicClock.now &- start) / 1e9) }
    if !result.run.interrupted, skipReason == nil {
      count(&result, context, audit, since: start, progress)
      result.run.interrupted = context.interruption.isRequested
    }
    result.run.noise = noiseRecord
    result.calibration = calibration
    result.conclude(claims: claims)
    return result
  }

  /// Holds the counters against work of known size; a run that wants none is spared that.
  /// - Returns: the context of legs that count.
  func audited() -> (context: SessionContext, record: AuditRecord) {
    var context = context
    guard plan.suite.counters != .off else {
      context.markerCost = .assumed
      return (context, AuditRecord(checks: [], unavailable: []))
    }
    let audit = CounterAudit(context: context, plan: counters, backend: host.backend).run(
      runsGuests: plan.sessions.contains { $0.path.machine == .nearmetal })
    // From here on no tracepoint is to slow the legs.
    hold.release()
    context.counters = counters.legs
    context.markerCost = audit.markerCost ?? .assumed
    return (context, audit.record)
  }

  /// Runs the sessions of a group: in turns where they can take some, else one after the other.
  /// - Parameters:
  ///   - number: of the group in the plan.
  ///   - turns: how they take them; nil in a suite without.
  ///   - order: of the group's first leg in its block.
  ///   - report: told which session comes next, how many legs of the group came before, and the seconds since the run began.
  /// - Returns: the legs of all that was measured whole, and whether the user asked to stop.
  private func measure(
    _ group: SessionGroup, _ number: Int, _ turns: TurnPlan?, _ context: SessionContext, order: Int,
    since start: UInt64, report: (Session, Int, Double) -> Void
  ) -> (legs: [LegRecord], isCutShort: Bool) {
    let obstacle = turns == nil ? nil : turnObstacle(group, context)
    var legs: [LegRecord] = []
    if let turns, obstacle == nil, skipReason == nil {
      for (part, group) in (group.isOfExits ? group.legByLeg : [group]).enumerated() {
        let elapsed = Double(MonotonicClock.now &- start) / 1e9
        report(group.sessions[0], legs.count, elapsed)
        legs += takeTurns(
          group, Pacer.Step(group: number, part: part * TurnPlan.mostSteps), turns, context, order: order + legs.count,
          startedAt: elapsed)
        if context.interruption.isRequested { return (legs, true) }
      }
      return (legs, false)
    }
    var ahead = 0
    for (part, session) in group.sessions.enumerated() {
      let measured = measure(session, context, order: order + legs.count, since: start, firstFreeJob: plan.jobCount) {
        attempt, elapsed in
        pacer?.pause(before: Pacer.Step(group: number, part: part))
        report(attempt, ahead, elapsed)
      }
      legs += measured.legs.map { leg in
        var leg = leg
        leg.turnsAbsent = obstacle
        return leg
      }
      if measured.isCutShort { return (legs, true) }
      ahead += session.legs.count
    }
    return (legs, false)
  }

  /// Runs a session, and those of its legs that were disturbed from outside once more, right after: as close as can be.
  /// - Parameters:
  ///   - order: of the session's first leg in its block.
  ///   - start: when the run began, on the monotonic clock.
  ///   - firstFreeJob: a number above every job of the plan.
  ///   - repeats: which disturbed legs are worth a repetition.
  ///   - report: told what comes next, and the seconds since the run began.
  /// - Returns: the legs of all that was measured whole, and whether the user asked to stop.
  func measure(
    _ session: Session, _ context: SessionContext, order: Int, since start: UInt64, firstFreeJob: Int,
    repeats: (PlannedLeg) -> Bool = { _ in true }, report: (Session, Double) -> Void
  ) -> (legs: [LegRecord], isCutShort: Bool) {
    let assembler = LegAssembler(context)
    var legs: [LegRecord] = []
    var waiting = [session]
    var isFruitless = false
    while !waiting.isEmpty {
      let attempt = waiting.removeFirst()
      let elapsed = Double(MonotonicClock.now &- start) / 1e9
      report(attempt, elapsed)
      let outcome = context.interruption.isRequested ? nil : run(attempt, context)
      // A session that was cut short measured nothing that could be compared.
      guard let outcome, !context.interruption.isRequested else { return (legs, true) }
      // What a leg that never ends keeps from being measured gets a fresh boot: once, unless that boot measures something.
      var parts: (begun: Session, rest: Session?) = (attempt, nil)
      if !outcome.isSkipped, !(isFruitless && outcome.answered.isEmpty) {
        parts = attempt.parted(answered: outcome.answered)
      }
      isFruitless = outcome.answered.isEmpty
      legs += assembler.legs(parts.begun, outcome, order: order + legs.count, startedAt: elapsed)
      let disturbed = assembler.disturbed(parts.begun, outcome).filter(repeats)
      waiting += [parts.begun.repetition(of: disturbed, after: firstFreeJob), parts.rest].compactMap { $0 }
    }
    return (legs, false)
  }

  /// The counting pass: what would have disturbed the legs.
  private func count(
    _ result: inout RunResult, _ context: SessionContext, _ audit: AuditRecord, since start: UInt64,
    _ progress: Progress
  ) {
    pacer?.pause(before: Pacer.Step(group: Pacer.Step.after))
    let total = result.legs.count
    let pass = CountingPass(context: context, groups: counters.pass).run(plan) { session in
      let elapsed = Double(MonotonicClock.now &- start) / 1e9
      progress.report(step(total, of: total, elapsed, session, prefix: "counting "))
    }
    guard !pass.isEmpty else { return }
    result.counted = pass.map { record in
      var record = record
      record.counters = audit.marked(record.counters)
      return record
    }
  }

  private var noiseRecord: NoiseRecord {
    NoiseRecord(
      limits: NoiseLimits.standard.figures, hiccupCPU: context.noise.hiccupCPU, hiccupCost: context.noise.hiccupCost,
      absent: context.noise.absent)
  }

  /// Runs one session with what every session of the run shares.
  private func run(_ session: Session, _ context: SessionContext) -> SessionOutcome {
    if let skipReason { return .skipped(skipReason) }
    return MachineTable.run(session, context)
  }

  /// Legs that are planned, as far as that is known before the first.
  public var legCount: Int { plan.legCount(blocks: record.sequential == nil ? plan.suite.blocks : 1) }

  /// The run's name, unique on this host.
  public var identifier: String { record.id }
}
