import CLinux
import Glibc
import LinuxSystem
import Synchronization
import SystemPackage
import VirtualMachine

/// What a guest sends on its console: a thread passes it on to standard output, and the last lines are kept for the case that the guest
/// dies. Memory is bounded: a guest that sends faster than it can be passed on waits.
final class ConsoleOutput: @unchecked Sendable {
  // @unchecked: `thread` is used by the owner alone.

  private struct State {
    var waiting: [UInt8] = []
    var total: UInt64 = 0
    var isEnding = false
    var tail = ConsoleTail()
    var problem: Problem?
  }

  /// Why the guest has to end.
  enum Problem: Sendable {
    /// More than the limit.
    case flood
    case unwritable(Errno)
  }

  /// Bytes that wait to be passed on at most.
  private static let room = 1 << 16
  /// How long bytes are collected before they are passed on, in microseconds.
  private static let pause: UInt32 = 2000

  private let state = Mutex(State())
  private let news: EventCounter
  private let done: EventCounter
  private let limit: UInt64
  /// The guest, which is there before it sends anything.
  private let guest = Mutex<Machine?>(nil)
  private var thread: PinnedThread?

  /// - Parameter limit: bytes that are passed on; what comes after them is the guest's end.
  init(limit: UInt64) throws(SystemError) {
    news = try EventCounter()
    done = try EventCounter()
    self.limit = limit
  }

  /// Says whose console it is: comes before the guest runs.
  func attach(to machine: Machine) { guest.withLock { $0 = machine } }

  func start() throws(SystemError) {
    thread = try PinnedThread(name: "console") { [self] in pass() }
  }

  /// Takes a byte from the guest; on a vCPU's thread.
  func receive(_ byte: UInt8) {
    while true {
      let (isTaken, isFirst) = state.withLock { state -> (Bool, Bool) in
        if state.isEnding || state.problem != nil { return (true, false) }
        guard state.waiting.count < Self.room else { return (false, false) }
        state.waiting.append(byte)
        state.tail.add(byte)
        return (true, state.waiting.count == 1)
      }
      if isFirst { news.signal() }
      if isTaken || guest.withLock({ $0?.isEnding ?? false }) { return }
      usleep(1000)
    }
  }

  /// The last lines, the oldest first.
  var lastLines: [String] { state.withLock { $0.tail.lines } }

  var problem: Problem? { state.withLock { $0.problem } }

  /// Passes on what waits, and ends. A stream that takes nothing is left behind when the deadline, `MonotonicClock` time, passes.
  func end(by deadline: UInt64) {
    state.withLock { $0.isEnding = true }
    guest.withLock { $0 = nil }
    news.signal()
    guard let thread else { return }
    if done.wait(until: deadline) { thread.join() } else { thread.detach() }
  }

  private func pass() {
    while true {
      _ = news.take()
      if !state.withLock({ $0.isEnding }) { usleep(Self.pause) }
      let (bytes, isLast) = state.withLock { state -> ([UInt8], Bool) in
        defer { state.waiting.removeAll(keepingCapacity: true) }
        state.total += UInt64(state.waiting.count)
        if state.total > limit { state.problem = state.problem ?? .flood }
        return (state.waiting, state.isEnding)
      }
      do throws(Errno) { try StandardOutput.write(bytes) } catch {
        state.withLock { $0.problem = $0.problem ?? .unwritable(error) }
      }
      if state.withLock({ $0.problem != nil }) {
        guest.withLock { $0 }?.stop()
        break
      }
      if isLast { break }
    }
    done.signal()
  }
}

/// The last lines of a console.
struct ConsoleTail: Sendable {
  /// Lines that are kept, and bytes of each.
  private static let lineCount = 12
  private static let lineLength = 200

  private var kept: [[UInt8]] = []
  private var current: [UInt8] = []

  mutating func add(_ byte: UInt8) {
    if byte != 0x0a {
      if current.count < Self.lineLength { current.append(byte) }
      return
    }
    kept.append(current)
    current.removeAll(keepingCapacity: true)
    if kept.count > Self.lineCount { kept.removeFirst() }
  }

  /// Without what is empty.
  var lines: [String] {
    (kept + [current]).map { String(decoding: $0, as: UTF8.self).printable.trimmed }.filter { !$0.isEmpty }
  }
}
