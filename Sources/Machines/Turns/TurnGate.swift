import Counters
import LinuxSystem
import ProbeABI
import Synchronization

/// Where a session's leg waits for its turns, and where the scheduler that grants them waits for the leg: one leg of all those that
/// take turns runs at a time. The two may be processes of which one was forked from the other with the gate.
///
/// The leg's process is not trusted: whatever it writes here, the scheduler waits no longer than to its deadline.
public final class TurnGate: Sendable {
  /// Where the leg is.
  enum Place: UInt64 {
    case away
    /// At the gate: nothing of the leg runs.
    case waiting
    /// Its session has ended, or will not come back.
    case gone
  }

  /// What the two sides share.
  private enum Word {
    static let place = 0
    /// The answer that is granted, plus one; 0 where there is none.
    static let grant = 1
    /// Nanoseconds, plus one; 0 where they are not known.
    static let delay = 2
    static let count = 3
  }

  private let words: SharedWords
  private let arrival: EventCounter
  private let grant: EventCounter
  /// The leg's own waiting times, once its threads are known.
  private let delays = Mutex<RunDelays?>(nil)
  /// Readable when the leg's process has ended; -1 for a leg of this process.
  private let end = Atomic<Int32>(-1)

  init() throws(SystemError) {
    words = try SharedWords(count: Word.count)
    arrival = try EventCounter(nonBlocking: true)
    grant = try EventCounter(nonBlocking: true)
  }

  // MARK: The leg

  /// Waits for the leg's turn, on the leg's own thread.
  /// - Parameter threads: kernel threads of this process that work in the leg's turns, asked for once.
  /// - Returns: `NM_TURN_GO`, or `NM_TURN_END` where there are no more turns.
  func pass(_ threads: () -> [Int32]) -> UInt32 {
    let delay = delays.withLock { delays in
      if delays == nil { delays = RunDelays(threads()) }
      return delays?.read()
    }
    words[Word.delay] = delay.map { $0 &+ 1 } ?? 0
    guard move(.away, to: .waiting) else { return NM_TURN_END }
    arrival.signal()
    while true {
      _ = grant.wait(until: MonotonicClock.now + 1_000_000_000)
      _ = grant.take()
      if place == .gone { return NM_TURN_END }
      let answer = words[Word.grant]
      guard answer > 0 else { continue }
      // The place first: who sees no grant any more sees a leg that is away.
      guard move(.waiting, to: .away) else { return NM_TURN_END }
      words[Word.grant] = 0
      return UInt32(truncatingIfNeeded: answer - 1)
    }
  }

  /// The session has ended, or is to end: nobody waits for it any more, and it waits for no turn.
  func leave() {
    words[Word.place] = Place.gone.rawValue
    arrival.signal()
    grant.signal()
  }

  private func move(_ from: Place, to place: Place) -> Bool {
    words.exchange(Word.place, from.rawValue, for: place.rawValue)
  }

  private var place: Place { Place(rawValue: words[Word.place]) ?? .gone }

  // MARK: The scheduler

  /// Tells that the leg is a process of its own.
  /// - Parameter end: readable when that has ended.
  func watch(_ end: Int32) { self.end.store(end, ordering: .relaxed) }

  /// Lets a waiting leg go on.
  func give(_ answer: UInt32) {
    words[Word.grant] = UInt64(answer) + 1
    grant.signal()
  }

  /// Waits until the leg is at its gate, or gone.
  /// - Parameter deadline: `MonotonicClock` time.
  /// - Returns: nil when it is neither by then.
  func place(by deadline: UInt64) -> Place? {
    while true {
      let isGranted = words[Word.grant] > 0
      let place = place
      if place == .gone || (place == .waiting && !isGranted) { return place }
      switch arrival.wait(or: end.load(ordering: .relaxed), until: deadline) {
      case .signalled: _ = arrival.take()
      case .other: return .gone
      case .late: return nil
      }
    }
  }

  /// Nanoseconds for which the leg's threads had to wait for a CPU by the time that it came to its gate; nil where that is not known.
  var runDelay: UInt64? {
    let delay = words[Word.delay]
    return delay > 0 ? delay - 1 : nil
  }
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
