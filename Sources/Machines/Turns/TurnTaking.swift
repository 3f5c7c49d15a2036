import Counters
import Definitions
import LinuxSystem
import Results
import Statistics
import Topology

/// Runs sessions that measure the same work at the same time, one leg at a time.
public struct TurnTaking {
  /// A session that takes part, with what it runs in.
  public struct Member {
    let session: Session
    let context: SessionContext

    public init(_ session: Session, _ context: SessionContext) {
      self.session = session
      self.context = context
    }
  }

  private let members: [Member]
  /// What the sessions share.
  private let context: SessionContext
  private let turns: TurnPlan
  /// Draws the order of the rounds.
  private var random: SeededRandom
  private let isTwinned: Bool
  /// Who paces the run, the number of the group in its plan, and that of its first round there.
  private let pace: (pacer: Pacer, group: Int, firstPart: Int)?

  /// - Parameters:
  ///   - members: each with one leg.
  ///   - context: what the sessions share.
  ///   - turns: for which their group has no obstacle.
  ///   - seed: draws the order of the turns in each round.
  ///   - isTwinned: whether the native leg must have two turns in a round, one for each of two sides, also with one other leg.
  ///   - pace: who paces the run, with the group's number in its plan and that of the step before its first round; nil for a run
  ///     that goes on by itself.
  public init(
    _ members: [Member], _ context: SessionContext, _ turns: TurnPlan, seed: UInt64, isTwinned: Bool = false,
    pace: (pacer: Pacer, group: Int, firstPart: Int)? = nil
  ) {
    self.members = members
    self.pace = pace
    self.isTwinned = isTwinned
    self.context = context
    self.turns = turns
    random = SeededRandom(seed: seed)
  }

  /// Why the legs of a group cannot take turns on this host's CPUs; nil where they can.
  public static func obstacle(_ group: SessionGroup, _ context: SessionContext) -> String? {
    if let obstacle = group.turnObstacle { return obstacle }
    let sharing = group.sessions.lazy.compactMap { context.threads(of: $0).sharing(isNative: $0.path.isNative) }.first
    return sharing.map { "\($0), and a turn is shorter than what the scheduler gives one of them" }
  }

  /// What stands in the way of keeping a number of legs in memory at once; nil where nothing does.
  public static func memoryObstacle(_ count: Int, _ context: SessionContext) -> String? {
    guard let available = ControlGroup.available() else { return nil }
    // The last eighth is the host's own.
    let needed = UInt64(count) * context.memoryBytes
    guard needed > available - available / 8 else { return nil }
    return "all legs at once need \(needed >> 20) MiB, and there are \(available >> 20) MiB"
  }

  private struct Running {
    let index: Int
    let process: SessionProcess
    let gate: TurnGate
  }

  /// Runs the sessions. Blocks.
  /// - Returns: what came of each, in their order.
  public mutating func run() -> [SessionOutcome] {
    var outcomes: [SessionOutcome?] = members.map { _ in nil }
    var running: [Running] = []
    let own = [context.cpus.workload] + (context.cpus.io.map { [$0] } ?? [])
    let cpus = Set(members.reduce(own) { $0 + context.threads(of: $1.session).all }).sorted()
    let noise = try? context.noise.sample(cpus: cpus)
    for index in members.indices where !context.interruption.isRequested {
      do throws(SessionObstacle) {
        let member = try start(index)
        // A session that is over already takes no turns.
        if member.gate.place(by: 0) == .gone { outcomes[index] = finish(member) } else { running.append(member) }
      } catch { outcomes[index] = error.outcome }
    }
    let taken = scheduler(running).run(&random)
    let after = noise.flatMap { before in (try? context.noise.sample(cpus: cpus))?.since(before) }
    for (number, member) in running.enumerated() {
      var outcome = finish(member)
      outcome.noise = after
      if taken.lost.contains(number) {
        outcome.failure = "it did not come back to its gate within its turn\(outcome.failure.map { ": \($0)" } ?? "")"
      }
      outcome.turns = TurnsTaken(
        length: turns.length, rewarm: turns.rewarm, windows: taken.turns[number] ?? [],
        before: (taken.before[number] ?? []).map {
          $0.map { other in other.map { members[running[$0].index].session.path } }
        },
        disturbed: taken.disturbed, handOffs: Self.crossesCPUs(members[member.index].session) ? taken.handOffs : [])
      outcomes[member.index] = outcome
    }
    return outcomes.map { $0 ?? .failed("interrupted before it had a turn") }
  }

  private func scheduler(_ running: [Running]) -> TurnScheduler {
    TurnScheduler(
      members: running.map { member in
        let isNative = members[member.index].session.path.isNative
        return TurnScheduler.Member(
          gate: member.gate,
          turnsPerRound: isNative && (isTwinned || running.count != 2) ? TurnPlan.nativeTurns : 1
        ) {
          member.gate.leave()
          member.process.cancel()
        }
      }, rounds: turns.rounds, turn: turns.rewarm + turns.length, patience: context.turnPatience,
      interruption: context.interruption,
      pause: { [pace] round in
        pace?.pacer.pause(before: Pacer.Step(group: pace?.group ?? 0, part: (pace?.firstPart ?? 0) + round + 1))
      },
      delayShare: NoiseLimits.standard.turnDelayShare,
      handOff: { [distance = members.contains { Self.crossesCPUs($0.session) } ? HandOff(context.cpus) : nil] in
        distance?.measure()
      })
  }

  /// Whether the time that a session's work takes is that of ways between two CPUs: polled requests, and frames to the far end of a
  /// wire. What is notified takes a hundred times as long.
  private static func crossesCPUs(_ session: Session) -> Bool {
    session.path.mode == .polled || session.legs.contains { $0.entry.kind == .net }
  }

  /// Makes a session and lets it run up to its gate.
  private func start(_ index: Int) throws(SessionObstacle) -> Running {
    let session = members[index].session
    var context = members[index].context.placed(for: session)
    if session.disk != nil, let problem = context.disk.problem { throw .failure(problem) }
    let gate: TurnGate
    do throws(SystemError) { gate = try TurnGate() } catch { throw .failure(error.description) }
    context.turns = turns
    context.gate = gate
    let process: SessionProcess
    do throws(SystemError) { process = try SessionProcess(session, context) } catch {
      throw .failure(error.description)
    }
    // One boots after the other: none is to disturb another one's start.
    _ = gate.place(by: MonotonicClock.now + context.turnPatience)
    return Running(index: index, process: process, gate: gate)
  }

  private func finish(_ member: Running) -> SessionOutcome {
    member.process.finish(by: MonotonicClock.now + context.turnPatience)
  }
}
