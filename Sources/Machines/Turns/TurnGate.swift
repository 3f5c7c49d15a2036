import Counters
import LinuxSystem
import ProbeABI
import Synchronization

/// Where a session's leg waits for its turns, and where the scheduler that grants them waits for the leg: one leg of all those that
/// take turns runs at a time.
public final class TurnGate: Sendable {
  /// Where the leg is.
  enum Place {
    case away
    /// At the gate: nothing of the leg runs.
    case waiting
    /// Its session has ended, or will not come back.
    case gone
  }

  private struct State {
    var place = Place.away
    var grant: UInt32?
    var delay: UInt64?
    var delays: RunDelays?
  }

  private let state = Mutex(State())
  private let arrival: EventCounter
  private let grant: EventCounter

  init() throws(SystemError) {
    arrival = try EventCounter(nonBlocking: true)
    grant = try EventCounter(nonBlocking: true)
  }

  // MARK: The leg

  /// Waits for the leg's turn, on the leg's own thread.
  /// - Parameter threads: kernel threads of this process that work in the leg's turns, asked for once.
  /// - Returns: `NM_TURN_GO`, or `NM_TURN_END` where there are no more turns.
  func pass(_ threads: () -> [Int32]) -> UInt32 {
    let isOver = state.withLock { state in
      if state.place == .gone { return true }
      if state.delays == nil { state.delays = RunDelays(threads()) }
      state.delay = state.delays?.read()
      state.place = .waiting
      return false
    }
    if isOver { return NM_TURN_END }
    arrival.signal()
    while true {
      _ = grant.wait(until: MonotonicClock.now + 1_000_000_000)
      _ = grant.take()
      let answer = state.withLock { state -> UInt32? in
        if state.place == .gone { return NM_TURN_END }
        guard let answer = state.grant else { return nil }
        state.grant = nil
        state.place = .away
        return answer
      }
      if let answer { return answer }
    }
  }

  /// The session has ended, or is to end: nobody waits for it any more, and it waits for no turn.
  func leave() {
    state.withLock { $0.place = .gone }
    arrival.signal()
    grant.signal()
  }

  // MARK: The scheduler

  /// Lets a waiting leg go on.
  func give(_ answer: UInt32) {
    state.withLock { $0.grant = answer }
    grant.signal()
  }

  /// Waits until the leg is at its gate, or gone.
  /// - Parameter deadline: `MonotonicClock` time.
  /// - Returns: nil when it is neither by then.
  func place(by deadline: UInt64) -> Place? {
    while true {
      let (place, isGranted) = state.withLock { ($0.place, $0.grant != nil) }
      if place == .gone || (place == .waiting && !isGranted) { return place }
      guard arrival.wait(until: deadline) else { return nil }
      _ = arrival.take()
    }
  }

  /// Nanoseconds for which the leg's threads had to wait for a CPU by the time that it came to its gate; nil where that is not known.
  var runDelay: UInt64? { state.withLock { $0.delay } }
}

/// The waiting times of a leg's threads.
private final class RunDelays: Sendable {
  private let threads: [Box]

  private final class Box: Sendable {
    let delay: RunDelay
    init(_ thread: Int32) throws(SystemError) { delay = try RunDelay(thread: thread) }
  }

  /// - Parameter threads: those that are gone are left out.
  init(_ threads: [Int32]) {
    self.threads = threads.compactMap { try? Box($0) }
  }

  func read() -> UInt64? {
    threads.isEmpty ? nil : threads.reduce(0) { $0 &+ ($1.delay.read() ?? 0) }
  }
}
