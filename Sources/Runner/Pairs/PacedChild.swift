import Glibc
import LinuxSystem
import Machines
import SystemPackage

/// A run in a process of its own that goes on a step at a time, when it is told to.
final class PacedChild {
  /// How a step came to its end.
  enum Stop {
    /// The run stands still before its next step.
    case pausing
    /// It is over.
    case ended
    /// It did not come back in time.
    case late
  }

  private let child: ChildProcess
  private let socket: Descriptor
  /// The step that it waits for; nil when it is gone.
  private(set) var next: Pacer.Step?

  /// Starts the program, which says the number of the socket by `--paced-by`.
  /// - Parameters:
  ///   - words: program and arguments, without that.
  ///   - side: which of the runs it is; the number of its socket tells it, so that no two of them read one disk in one order.
  init(_ words: [String], side: Int) throws(SystemError) {
    var ends: [Int32] = [0, 0]
    try systemCall("make a pair of sockets") {
      unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
    }
    socket = Descriptor(owning: ends[0])
    let other = Descriptor(owning: ends[1])
    // The user's Ctrl-C reaches it once, through the interruption: a second one would end it before it has tidied up.
    child = try ChildProcess(
      words[0], words.dropFirst() + ["--paced-by", "\(ChildProcess.passed + Int32(side))"], isApart: true,
      passing: [Int32](repeating: other.rawValue, count: side + 1))
  }

  var pid: Int32 { child.pid }

  /// Lets it take its next step.
  func letGo() { Pacer.letGo(socket.rawValue) }

  /// Waits until its step is over.
  /// - Parameter deadline: on `MonotonicClock`.
  func awaitStop(until deadline: UInt64) -> Stop {
    next = nil
    switch unsafe child.wait(orReadable: socket.rawValue, until: deadline, { _ in }) {
    case .ended: return .ended
    case .timedOut: return .late
    case .readable:
      next = Pacer.receive(from: socket.rawValue)
      if next != nil { return .pausing }
      // It closed the socket, and is about to end.
      return unsafe child.wait(until: deadline) { _ in } == .ended ? .ended : .late
    }
  }

  /// How it ended, with the last thing that it said on its standard error.
  var complaint: String { child.epitaph() }
}
