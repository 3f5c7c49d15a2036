import Counters
import Definitions
import KVM
import LinuxSystem
import Machines
import Probe
import ProbeABI
import Results

/// The trust audit: counters held against work of known size, in the way that legs use them.
struct CounterAudit {
  let context: SessionContext
  let plan: CounterPlan
  let backend: Backend

  /// Nanoseconds of a window of guest work: hundreds of exits where they are dearest.
  private static let window: UInt64 = 4_000_000
  /// Nanoseconds of an empty window, shorter than what lies between two ticks of any kernel's clock; and how many.
  private static let emptyWindow: UInt64 = 100_000
  private static let emptyWindows = 12
  /// On an emulated host a window has three halts, and now and then a timer fires before one of them.
  private static let attempts = 8

  /// What an audit found.
  struct Findings {
    var record: AuditRecord
    /// What the markers of this host's guests cost; nil where no guest ran.
    var markerCost: MarkerCost?
  }

  /// Does all the known work: two boots and some host work, well below a second.
  /// - Parameter runsGuests: whether the host can run guests at all.
  func run(runsGuests: Bool) -> Findings {
    var findings = Findings(record: AuditRecord(checks: hostChecks(), unavailable: unavailable()))
    guard runsGuests else { return findings }
    let groups = plan.legs + plan.pass
    let empty = session(Array(repeating: Workload("cpu.integer"), count: Self.emptyWindows))
    let windows = outcome(empty, groups, Self.emptyWindow).windows.values
    if windows.count >= Self.emptyWindows / 2 { findings.markerCost = MarkerCost(emptyWindows: Array(windows)) }
    findings.record.checks += repeated { guestChecks(groups, findings.markerCost) }
    findings.record.checks.append(guestInstructions(groups))
    return findings
  }

  /// What the host does meanwhile (an interrupt that comes before the halt that was to wait for it) can make work another
  /// than it was meant to be. A counter that is wrong is wrong every time: what disagrees is checked again.
  private func repeated(_ body: () -> [AuditCheck]) -> [AuditCheck] {
    var checks = body()
    for attempt in 2...Self.attempts where checks.contains(where: { $0.verdict == .disagrees }) {
      for again in body() {
        guard
          let index = checks.firstIndex(where: {
            $0.verdict == .disagrees && $0.counter == again.counter && $0.kind == again.kind
          })
        else { continue }
        checks[index] = again
        checks[index].why = [again.why, "attempt \(attempt)"].compactMap(\.self).joined(separator: "; ")
      }
    }
    return checks
  }

  // MARK: The host's own work

  private func hostChecks() -> [AuditCheck] { repeated { hostChecksOnce() } }

  private func hostChecksOnce() -> [AuditCheck] {
    let cpus = (try? CPUAffinity.allowed()) ?? []
    var checks: [AuditCheck] = []
    for work in KnownWork.allCases {
      let slot = Slot<KnownWork.Outcome>()
      try? PinnedThread(name: "audit", { slot.put(work.run(cpus: cpus)) }).join()
      guard let outcome = slot.value else { continue }
      let verdict: AuditCheck.Verdict = outcome.counted == nil ? .skipped : outcome.agrees ? .agrees : .disagrees
      checks.append(
        AuditCheck(
          counter: outcome.counter, domain: .host, work: outcome.work, known: outcome.known, counted: outcome.counted,
          verdict: verdict, why: outcome.remark))
    }
    return checks
  }

  // MARK: A guest's work

  private func guestChecks(_ groups: [CounterGroup], _ cost: MarkerCost?) -> [AuditCheck] {
    let session = session(AuditWork.all.map { Workload($0.workload) })
    let outcome = outcome(session, groups, Self.window, cost)
    return zip(session.legs, AuditWork.all).flatMap { leg, work in checks(work, leg, outcome) }
  }

  private func session(_ workloads: [Workload]) -> Session {
    let path = Path(.nearmetal, .guest)
    let legs = workloads.enumerated().map { index, workload in
      PlannedLeg(
        block: 0, path: path, entry: SuiteEntry(workload, WorkloadCatalog.known(workload.id), machines: [.nearmetal]),
        job: UInt32(index + 1), seed: 1)
    }
    return Session(path: path, legs: legs)
  }

  private func outcome(
    _ session: Session, _ groups: [CounterGroup], _ window: UInt64, _ cost: MarkerCost? = nil
  ) -> SessionOutcome {
    var context = context
    (context.warmup, context.window, context.memoryBytes) = (0, window, 64 << 20)
    (context.counters, context.markerCost) = (groups, cost)
    return MachineTable.run(session, context)
  }

  /// Whether the processor itself leaves the guest, for reasons that its manual lists.
  private var isHardware: Bool { backend == .vmx || backend == .svm }

  private func checks(_ work: AuditWork, _ leg: PlannedLeg, _ outcome: SessionOutcome) -> [AuditCheck] {
    guard let result = outcome.results[leg.job], result.figures.status == NM_STATUS_OK.rawValue,
      let use = outcome.windows[leg.job]
    else {
      let reason = outcome.results[leg.job]?.reason ?? outcome.failure ?? "the probe did not answer"
      return work.expectations.map {
        AuditCheck(
          counter: $0.counter, domain: .kvm, work: work.phrase, known: nil, counted: nil, verdict: .skipped, why: reason
        )
      }
    }
    let checks = work.expectations.map { check($0, work, result.figures.operations, use) }
    guard work.mayPassKVM, !isHardware, checks.allSatisfy({ ($0.counted ?? 0) == 0 }) else { return checks }
    // Every counter of exits agrees that there was none: it is the work that is no exit here.
    return checks.map { check in
      var check = check
      (check.verdict, check.known) = (.skipped, nil)
      check.why = "these do not reach KVM under the \(backend.rawValue) backend: no counter of exits saw one"
      return check
    }
  }

  private func check(
    _ expected: AuditWork.Expectation, _ work: AuditWork, _ operations: UInt64, _ use: WindowUse
  ) -> AuditCheck {
    let known = expected.known(operations)
    let twice = expected.factor == 2 ? ", traced as they leave and as they return" : ""
    var check = AuditCheck(
      counter: expected.counter, domain: .kvm, work: "\(operations) \(work.phrase)\(twice)", known: known,
      counted: nil, verdict: .skipped)
    guard let known else {
      check.why = "no guest does so much work in a window: its answer is not believed"
      return check
    }
    guard let all = use.count(expected.counter) else {
      check.why = reason(expected.counter)
      return check
    }
    let others = expected.less.compactMap { name in use.count(name).map { (name, $0) } }.filter { $0.1 > 0 }
    let counted = all - min(all, others.reduce(0) { $0 + $1.1 })
    check.counted = counted
    check.why = others.isEmpty ? nil : "less \(others.map { "\($0.1) of \($0.0)" }.joined(separator: ", "))"
    if counted == known {
      check.verdict = .agrees
    } else if counted == 0, !isHardware, let other = AuditWork.countedByBackend[expected.counter] {
      check.verdict = .explained
      check.why =
        "a fact of the \(backend.rawValue) backend, not of this host: KVM leaves this count to the backend's module, which has "
        + "none; \(other) counts the same"
    } else {
      check.verdict = .disagrees
    }
    return check
  }

  /// Two loops of different length in a guest: their difference is free of what the window itself retires.
  private func guestInstructions(_ groups: [CounterGroup]) -> AuditCheck {
    let rounds: [UInt64] = [1_000_000, 2_000_000]
    let known = 2 * (rounds[1] - rounds[0])
    let event = PerfEventKind.instructions.name
    var check = AuditCheck(
      counter: event, domain: .guest, work: "\(known) instructions in a loop of a guest", known: known, counted: nil,
      verdict: .skipped)
    if let missing = plan.unavailable.first(where: { $0.name == event }) {
      check.why = missing.reason
      return check
    }
    let session = session(
      rounds.map { Workload(WorkloadCatalog.auditInstructions.id, ["rounds": ParameterValue("\($0)")]) })
    let outcome = outcome(session, groups, Self.window)
    // A user who may count user space only has the event under another name.
    let counts = session.legs.compactMap { leg -> UInt64? in
      let events = outcome.windows[leg.job]?.events ?? [:]
      let reading = [event, "\(event):u"].lazy.compactMap {
        events[OpenCounters.Key(thread: "workload", event: $0, side: .guest)]
      }.first
      return reading.flatMap { $0.isMultiplexed ? nil : $0.value }
    }
    guard counts.count == 2 else {
      check.why = outcome.failure ?? "guest code was not counted on its own for the whole window"
      return check
    }
    let counted = counts[1] &- counts[0]
    (check.counted, check.verdict) = (counted, counted == known ? .agrees : .disagrees)
    return check
  }

  // MARK: What is missing

  private func reason(_ counter: String) -> String {
    if let missing = plan.unavailable.first(where: { $0.name == counter }) { return missing.reason }
    return counter.contains(":") ? "it was not asked for" : "this kernel's KVM has no such statistic"
  }

  private func unavailable() -> [UnavailableCounters] { UnavailableCounters.grouped(plan.unavailable) }
}

extension AuditCheck {
  /// The work without its numbers, which differ between attempts.
  fileprivate var kind: String { work.filter { !$0.isNumber } }
}

extension WindowUse {
  /// A count of the workload's thread or of the machine, by the name that legs have it under; nil where it was not counted.
  func count(_ name: String) -> UInt64? {
    if let value = statistics[name] { return value }
    if let reading = events[OpenCounters.Key(thread: "workload", event: name, side: .both)] { return reading.value }
    // A statistic that stayed at zero is left out of a window.
    return !name.contains(":") && !statistics.isEmpty ? 0 : nil
  }
}

/// Hands a value from a thread to the one that joins it.
private final class Slot<Value: Sendable>: @unchecked Sendable {
  // @unchecked: written by one thread, read after it was joined.
  private(set) var value: Value?
  func put(_ value: Value) { self.value = value }
}
