import Definitions
import LinuxSystem
import Topology

/// Many boots of one session, each in a process of its own: the next is created as soon as the one before it was, whatever that one does
/// by then. They share the run's CPUs in turn.
struct GuestCrowd {
  private let session: Session
  private let context: SessionContext
  private let count: Int

  /// Bytes that a guest may touch until its first record, its monitor's and its process's included.
  private static let footprint: UInt64 = 16 << 20

  init(_ session: Session, _ context: SessionContext, count: Int) {
    (self.session, self.context, self.count) = (session, context, count)
  }

  /// Starts them all and waits for their ends. Blocks.
  func run() -> SessionOutcome {
    if let available = ControlGroup.available(), available < UInt64(count) * Self.footprint {
      return .skipped(
        "\(count) guests take up to \(UInt64(count) * Self.footprint >> 20) MiB, and there are \(available >> 20) MiB")
    }
    let start = MonotonicClock.now
    var members: [(process: SessionProcess, created: UInt64)] = []
    var problem: String?
    for number in 0..<count where problem == nil && !context.interruption.isRequested {
      let created = MonotonicClock.now
      do throws(SystemError) {
        members.append((try SessionProcess(session, context.placed(guest: number)), created))
      } catch { problem = "guest \(number + 1) of \(count): \(error)" }
    }
    let deadline = MonotonicClock.now + context.patience(session) + UInt64(count) * Self.patience
    var crowd = CrowdFigures(elapsed: 0, times: [])
    for (number, member) in members.enumerated() {
      if problem != nil || context.interruption.isRequested { member.process.cancel() }
      let outcome = member.process.finish(by: deadline)
      guard problem == nil, !context.interruption.isRequested else { continue }
      if let reason = outcome.skipped { return finish(members, from: number + 1, .skipped(reason)) }
      guard let boot = outcome.boot else {
        problem = "guest \(number + 1) of \(count): \(outcome.failure ?? "it did not end")"
        continue
      }
      let first = boot.began &+ boot.first
      crowd.elapsed = max(crowd.elapsed, first &- start)
      crowd.times.append(first &- member.created)
    }
    if let problem { return .failed(problem) }
    guard !context.interruption.isRequested else { return .failed("interrupted") }
    var outcome = SessionOutcome.ended(nil)
    outcome.crowd = crowd
    return outcome
  }

  /// Nanoseconds that each further guest may take.
  private static let patience: UInt64 = 1_000_000_000

  private func finish(
    _ members: [(process: SessionProcess, created: UInt64)], from first: Int, _ outcome: SessionOutcome
  ) -> SessionOutcome {
    for member in members[first...] {
      member.process.cancel()
      _ = member.process.finish(by: MonotonicClock.now + Self.patience)
    }
    return outcome
  }
}
