import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// The way to a program that paces this run: two runs that live at the same time go on by turns, one step of one and the same of the
/// other, so that whatever the host does to one of them it does to both.
///
/// Steps are the rounds of legs that take turns, and the sessions of legs that do not. Between steps a run stands still: its guests
/// are parked, and its threads sleep.
public final class Pacer: Sendable {
  /// A step of a run; those of a run follow each other in this order.
  public struct Step: Comparable, Sendable {
    /// Of the plan's groups, from 0; ``before`` and ``after`` are what a run does before and after all of them.
    public var group: Int
    /// Round, or session, of the group.
    public var part: Int

    public static let before = -1
    public static let after = Int(Int32.max)

    public init(group: Int, part: Int = 0) {
      self.group = group
      self.part = part
    }

    public static func < (one: Step, other: Step) -> Bool { (one.group, one.part) < (other.group, other.part) }
  }

  private let socket: Descriptor
  private let interruption: Interruption
  /// Which of the runs that are paced together this one is, from 0.
  public let side: UInt32

  /// - Parameters:
  ///   - descriptor: of the socket, which this process was started with. It is this object's from now on. Before it are as many
  ///     copies of it as there are runs before this one.
  ///   - interruption: ends a wait for the run's turn; it is requested where whoever paces the run is gone.
  public init(_ descriptor: Int32, _ interruption: Interruption) throws(SystemError) {
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFSOCK else {
      throw SystemError("be paced", .badFileDescriptor, advice: "Descriptor \(descriptor) is no socket.")
    }
    var copies: UInt32 = 0
    for number in ChildProcess.passed..<max(ChildProcess.passed, descriptor) {
      var other = stat()
      guard unsafe fstat(number, &other) == 0, other.st_ino == information.st_ino, other.st_dev == information.st_dev
      else {
        continue
      }
      close(number)
      copies += 1
    }
    side = copies
    socket = Descriptor(owning: descriptor)
    self.interruption = interruption
    _ = Glibc.fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  /// Stands still until it is this run's turn to take a step. An end of whoever paces it ends the run too.
  public func pause(before step: Step) {
    var message = [Int64(step.group), Int64(step.part)]
    let size = message.count * MemoryLayout<Int64>.size
    let file = socket.rawValue
    var isThere = (try? systemCall { unsafe send(file, &message, size, Int32(MSG_NOSIGNAL)) }) == size
    while isThere, !interruption.isRequested {
      var entry = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&entry, 1, 100) > 0 else { continue }
      var answer: UInt8 = 0
      isThere = (try? systemCall { unsafe recv(file, &answer, 1, 0) }) == 1
      if isThere { return }
    }
    if !isThere { interruption.request() }
  }

  /// The other end: what a run says before its next step.
  /// - Returns: nil where it said nothing that can be understood.
  public static func receive(from socket: Int32) -> Step? {
    var message: [Int64] = [0, 0]
    let size = message.count * MemoryLayout<Int64>.size
    guard (try? systemCall({ unsafe recv(socket, &message, size, Int32(MSG_DONTWAIT)) })) == size else {
      return nil
    }
    return Step(group: Int(message[0]), part: Int(message[1]))
  }

  /// Lets a run that stands still take its step. One that is gone meanwhile is noticed by its end.
  public static func letGo(_ socket: Int32) {
    var answer: UInt8 = 1
    _ = try? systemCall { unsafe send(socket, &answer, 1, Int32(MSG_NOSIGNAL)) }
  }
}
