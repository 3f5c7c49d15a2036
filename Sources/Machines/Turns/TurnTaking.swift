import Counters
import Definitions
import LinuxSystem
import Results
import Statistics
import Topology

/// Runs the sessions of a group at the same time, one leg at a time.
public struct TurnTaking {
  private let sessions: [Session]
  private let context: SessionContext
  private let turns: TurnPlan
  /// Draws the order of the rounds.
  private var random: SeededRandom

  /// - Parameter turns: for which the group has no obstacle.
  public init(_ sessions: [Session], _ context: SessionContext, _ turns: TurnPlan, seed: UInt64) {
    self.sessions = sessions
    self.context = context
    self.turns = turns
    random = SeededRandom(seed: seed)
  }

  /// What stands in the way of keeping all legs in memory at once; nil where nothing does.
  public static func memoryObstacle(_ sessions: [Session], _ context: SessionContext) -> String? {
    guard let available = try? HostFiles().memoryField("MemAvailable", in: "/proc/meminfo") else { return nil }
    // The last eighth is the host's own.
    let needed = UInt64(sessions.count) * context.memoryBytes
    guard needed > available - available / 8 else { return nil }
    return "all legs at once need \(needed >> 20) MiB, and the host has \(available >> 20) MiB"
  }

  /// Runs the sessions. Blocks.
  /// - Returns: what came of each, in their order.
  public mutating func run() -> [SessionOutcome] {
    var outcomes: [SessionOutcome?] = sessions.map { _ in nil }
    var running: [(index: Int, session: any PreparedSession, gate: TurnGate, thread: PinnedThread)] = []
    let cpus = [context.cpus.workload] + (context.cpus.io.map { [$0] } ?? [])
    let noise = try? context.noise.sample(cpus: cpus)
    for index in sessions.indices where !context.interruption.isRequested {
      do throws(SessionObstacle) { running.append(try start(index)) } catch { outcomes[index] = error.outcome }
    }
    let scheduler = TurnScheduler(
      members: running.map { member in
        TurnScheduler.Member(path: sessions[member.index].path, gate: member.gate) {
          member.gate.leave()
          member.session.cancel()
        }
      }, rounds: turns.rounds, turn: turns.rewarm + turns.length, patience: context.turnPatience,
      interruption: context.interruption, delayShare: NoiseLimits.standard.turnDelayShare)
    let taken = scheduler.run(&random)
    let after = noise.flatMap { before in (try? context.noise.sample(cpus: cpus))?.since(before) }
    for member in running {
      let path = sessions[member.index].path
      member.thread.join()
      var outcome = member.session.finish()
      outcome.noise = after
      if taken.lost.contains(path) {
        outcome.failure = "it did not come back to its gate within its turn\(outcome.failure.map { ": \($0)" } ?? "")"
      }
      outcome.turns = TurnsTaken(windows: taken.turns[path] ?? [], disturbed: taken.disturbed)
      outcomes[member.index] = outcome
    }
    return outcomes.map { $0 ?? .failed("interrupted before it had a turn") }
  }

  /// Makes a session and lets it run up to its gate.
  private func start(
    _ index: Int
  ) throws(SessionObstacle) -> (index: Int, session: any PreparedSession, gate: TurnGate, thread: PinnedThread) {
    let session = sessions[index]
    var context = context.placed(for: session)
    context.turns = turns
    if session.disk != nil, let problem = context.disk.problem { throw .failure(problem) }
    do throws(SystemError) { context.gate = try TurnGate() } catch { throw .failure(error.description) }
    guard let gate = context.gate else { preconditionFailure("a session that takes turns has a gate") }
    let prepared = try MachineTable[session.path.machine].prepare(session, context)
    let box = SessionBox(session: prepared)
    let thread: PinnedThread
    do throws(SystemError) {
      thread = try PinnedThread(name: "session") {
        box.session.run()
        gate.leave()
      }
    } catch { throw .failure(error.description) }
    // One boots after the other: none is to disturb another one's start.
    _ = gate.place(by: MonotonicClock.now + context.turnPatience)
    return (index, prepared, gate, thread)
  }

  /// Hands a session to its thread.
  private struct SessionBox: @unchecked Sendable {
    // @unchecked: `run` is called by the thread alone, `cancel` from any, `finish` after the thread was joined.
    let session: any PreparedSession
  }
}
