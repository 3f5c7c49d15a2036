import Glibc
import LinuxSystem
import ProbeABI
import Statistics
import Synchronization
import Testing

@testable import Machines

@Suite struct TurnSchedulerTests {
  /// Legs on threads of their own, and which of them was at work when.
  private final class Legs: Sendable {
    let log = Mutex<[Int]>([])
    let atWork = Atomic<Int>(0)
    let overlaps = Atomic<Int>(0)

    /// A leg that works until it is told to end, or until it has had `limit` turns: then it hangs, or leaves.
    func start(_ number: Int, _ gate: TurnGate, limit: Int = .max, hangs: Bool = false) throws -> PinnedThread {
      try PinnedThread(name: "leg") { [self] in
        var turns = 0
        while gate.pass({ [] }) == NM_TURN_GO {
          if atWork.add(1, ordering: .sequentiallyConsistent).newValue > 1 { overlaps.add(1, ordering: .relaxed) }
          log.withLock { $0.append(number) }
          usleep(200)
          atWork.subtract(1, ordering: .sequentiallyConsistent)
          turns += 1
          guard turns == limit else { continue }
          if hangs { while gate.pass({ [] }) != NM_TURN_END { usleep(1000) } }
          break
        }
        gate.leave()
      }
    }
  }

  private func scheduler(_ gates: [TurnGate], rounds: Int, patience: UInt64 = 5_000_000_000) -> TurnScheduler {
    TurnScheduler(
      members: gates.enumerated().map { index, gate in
        TurnScheduler.Member(gate: gate, turnsPerRound: index == 0 ? 2 : 1) { gate.leave() }
      }, rounds: rounds, turn: 1_000_000_000, patience: patience, interruption: Interruption(), delayShare: 0.1)
  }

  @Test func everyLegHasItsTurnsInEveryRoundAndNeverBesideAnother() throws {
    let legs = Legs()
    let gates = try (0..<3).map { _ in try TurnGate() }
    let threads = try gates.enumerated().map { try legs.start($0.offset, $0.element) }
    var random = SeededRandom(seed: 5)
    let outcome = scheduler(gates, rounds: 6).run(&random)
    for thread in threads { thread.join() }
    #expect(outcome.rounds == 6 && outcome.lost.isEmpty && outcome.disturbed.isEmpty)
    #expect(legs.overlaps.load(ordering: .relaxed) == 0)
    let rounds = legs.log.withLock { Array($0.dropFirst(3)) }
    #expect(rounds.count == 6 * 4)
    for round in 0..<3 {
      let first = Array(rounds[8 * round..<8 * round + 4])
      #expect(first.sorted() == [0, 0, 1, 2])
      #expect(rounds[8 * round + 4..<8 * round + 8].sorted() == [0, 0, 1, 2])
    }
    #expect(zip(rounds, rounds.dropFirst()).allSatisfy { $0 != $1 }, "no leg follows itself")
    #expect(outcome.turns[1] == (0..<6).map { [$0] })
    #expect(outcome.turns[0]?.map { $0.sorted() } == (0..<6).map { [2 * $0, 2 * $0 + 1] })
  }

  @Test func aRoundInWhichALegWaitedForItsCPUIsDisturbed() {
    #expect(TurnScheduler.disturbed([0, 0, 400_000, 0, 90_000, 0], most: 100_000) == [2])
    // Waits that a leg has in every turn are its own.
    #expect(TurnScheduler.disturbed([300_000, 310_000, 290_000, 305_000, 450_000], most: 100_000) == [4])
    #expect(TurnScheduler.disturbed([300_000, 410_000, 190_000, 305_000, 450_000], most: 100_000) == [])
  }

  @Test func theCPUsDistanceIsMeasuredBeforeAndBehindTheRounds() throws {
    let legs = Legs()
    let gates = try (0..<2).map { _ in try TurnGate() }
    let threads = try gates.enumerated().map { try legs.start($0.offset, $0.element) }
    var random = SeededRandom(seed: 5)
    var scheduler = scheduler(gates, rounds: 3)
    let atWork = Atomic<Int>(0)
    scheduler.handOff = {
      atWork.add(legs.atWork.load(ordering: .sequentiallyConsistent), ordering: .relaxed)
      return 95
    }
    let outcome = scheduler.run(&random)
    for thread in threads { thread.join() }
    #expect(outcome.handOffs.first?.round == 0 && outcome.handOffs.last?.round == 3)
    #expect(outcome.handOffs.allSatisfy { $0.nanoseconds == 95 } && atWork.load(ordering: .relaxed) == 0)
  }

  @Test func aLegThatLeavesCostsNoOtherLegItsRounds() throws {
    let legs = Legs()
    let gates = try (0..<3).map { _ in try TurnGate() }
    let threads = [
      try legs.start(0, gates[0]), try legs.start(1, gates[1], limit: 4), try legs.start(2, gates[2]),
    ]
    var random = SeededRandom(seed: 6)
    let outcome = scheduler(gates, rounds: 10).run(&random)
    for thread in threads { thread.join() }
    #expect(outcome.rounds == 10 && outcome.lost.isEmpty)
    // One of its four turns was its preparation, and after the last it was gone.
    #expect(outcome.turns[1]?.count == 2)
    #expect(outcome.turns[0]?.count == 10 && outcome.turns[2]?.count == 10)
  }

  @Test func aLegThatDoesNotComeBackIsLostAndTheOthersGoOn() throws {
    let legs = Legs()
    let gates = try (0..<3).map { _ in try TurnGate() }
    let stuck = try PinnedThread(name: "stuck") {
      _ = gates[1].pass { [] }
      _ = gates[1].pass { [] }
      // It has its first turn and never ends it, until it is cancelled.
      while gates[1].place(by: 0) != .gone { usleep(1000) }
    }
    let threads = [try legs.start(0, gates[0]), try legs.start(2, gates[2])]
    var random = SeededRandom(seed: 7)
    let outcome = scheduler(gates, rounds: 4, patience: 2_000_000_000).run(&random)
    for thread in threads { thread.join() }
    stuck.join()
    #expect(outcome.lost == [1])
    #expect(outcome.rounds == 4 && outcome.turns[2]?.count == 4 && outcome.turns[1] == nil)
  }

  @Test func anInterruptionKeepsTheRoundsSoFar() throws {
    let legs = Legs()
    let gates = try (0..<2).map { _ in try TurnGate() }
    let threads = try gates.enumerated().map { try legs.start($0.offset, $0.element) }
    let interruption = Interruption()
    let scheduler = TurnScheduler(
      members: gates.map { gate in TurnScheduler.Member(gate: gate, turnsPerRound: 1) { gate.leave() } },
      rounds: 100_000, turn: 1_000_000_000, patience: 5_000_000_000, interruption: interruption, delayShare: 0.1)
    let asker = try PinnedThread(name: "asker") {
      usleep(100_000)
      interruption.request()
    }
    var random = SeededRandom(seed: 8)
    let outcome = scheduler.run(&random)
    for thread in threads { thread.join() }
    asker.join()
    #expect(outcome.rounds > 0 && outcome.rounds < 100_000)
    #expect(outcome.turns[0]?.count == outcome.rounds && outcome.turns[1]?.count == outcome.rounds)
  }
}
