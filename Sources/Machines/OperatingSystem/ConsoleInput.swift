import CLinux
import Glibc
import LinuxSystem

/// Passes on to a guest's console what comes on standard input, until that ends. On a terminal one key leaves the guest.
final class ConsoleInput: @unchecked Sendable {
  // @unchecked: `thread` is used by the owner alone.

  /// Ctrl-] on a terminal, as with telnet.
  static let escape: UInt8 = 0x1d

  private let stop: EventCounter
  private let isTerminal: Bool
  private let send: @Sendable (ArraySlice<UInt8>) -> Int
  private let leave: @Sendable () -> Void
  private var thread: PinnedThread?

  /// - Parameters:
  ///   - isTerminal: whether the escape is looked for.
  ///   - send: gives the guest bytes; returns how many it took.
  ///   - leave: called at the escape.
  init(
    isTerminal: Bool, send: @escaping @Sendable (ArraySlice<UInt8>) -> Int, leave: @escaping @Sendable () -> Void
  ) throws(SystemError) {
    stop = try EventCounter()
    self.isTerminal = isTerminal
    self.send = send
    self.leave = leave
  }

  func start() throws(SystemError) {
    thread = try PinnedThread(name: "input") { [self] in pass() }
  }

  func end() {
    stop.signal()
    thread?.join()
    thread = nil
  }

  private func pass() {
    var buffer = [UInt8](repeating: 0, count: 256)
    while stop.wait(or: 0, until: .max) == .other {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(0, $0.baseAddress, $0.count) }
      if count < 0, nm_errno() == EINTR || nm_errno() == EAGAIN { continue }
      guard count > 0 else { return }
      var rest = buffer[..<count]
      let escape = isTerminal ? rest.firstIndex(of: Self.escape) : nil
      if let escape { rest = rest[..<escape] }
      while !rest.isEmpty {
        rest = rest.dropFirst(send(rest))
        // A guest that does not listen now may do so later.
        if !rest.isEmpty, stop.wait(until: MonotonicClock.now + 10_000_000) { return }
      }
      if escape != nil { return leave() }
    }
  }
}
