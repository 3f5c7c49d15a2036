import CLinux
import Counters
import Definitions
import LinuxSystem
import Machines
import Probe
import ProbeABI
import Results

/// Short legs after the measured ones, in which everything is counted that would have disturbed those.
struct CountingPass {
  let context: SessionContext
  let groups: [CounterGroup]

  /// Nanoseconds of a window at most.
  private static let window: UInt64 = 50_000_000

  /// Each workload once on every machine and in every mode whose threads are ours to count.
  /// - Parameter report: told what comes next.
  func run(_ plan: Plan, _ report: (Session) -> Void) -> [CountedRecord] {
    guard !groups.isEmpty else { return [] }
    // A tracepoint that nobody else holds is taken from the kernel's code at every close and put back at every open, each
    // time with a wait for all CPUs: held here, once.
    let holder = OpenCounters(groups, on: [OpenCounters.Thread("holder", id: nm_gettid(), runsGuest: true)])
    defer { withExtendedLifetime(holder) {} }
    var context = context
    context.mostWindow = Self.window
    context.warmup = min(context.warmup, Self.window / 5)
    context.counters = groups
    var counted: [CountedRecord] = []
    for session in plan.sessions where isCounted(session) {
      if context.interruption.isRequested { break }
      report(session)
      let outcome = MachineTable.run(session, context)
      counted += session.legs.compactMap { record($0, outcome) }
    }
    return counted
  }

  private func isCounted(_ session: Session) -> Bool {
    guard let first = session.legs.first, first.block == 0, !session.measuresBoot, session.linux == nil else {
      return false
    }
    if session.disk != nil, context.disk.problem != nil { return false }
    switch MachineTable[session.path.machine].counting {
    case .none: return false
    case .vcpus: return true
    case .workload: return groups.contains { $0.threads != .vcpus }
    }
  }

  private func record(_ leg: PlannedLeg, _ outcome: SessionOutcome) -> CountedRecord? {
    guard let result = outcome.results[leg.job], result.figures.status == NM_STATUS_OK.rawValue,
      let use = outcome.windows[leg.job]
    else { return nil }
    // A part of a tracepoint's hits that is zero says nothing beside the whole.
    let counters = CounterRecord.all(of: use).filter { !$0.name.contains("{") || $0.value != 0 }
    return CountedRecord(
      path: leg.path, workload: leg.workload, operations: result.figures.operations, counters: counters)
  }
}
