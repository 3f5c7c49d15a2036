import CLinux
import Glibc
import SystemPackage

/// A child process of this one, killed and reaped when its owner goes: by its descriptor, which a process may do that must not send
/// signals to just anybody.
public struct ProcessHandle: ~Copyable, Sendable {
  public let pid: Int32
  /// Becomes readable when the process has ended.
  private let descriptor: Descriptor

  /// Takes over a child.
  /// - Parameter name: what it is called in an error.
  init(owning pid: Int32, name: String) throws(SystemError) {
    do throws(SystemError) {
      descriptor = Descriptor(
        owning: try systemCall("watch the process \(name)", advice: { _ in "Linux 5.3 or later is needed." }) {
          nm_pidfd_open(pid)
        })
    } catch {
      _ = Glibc.kill(pid, SIGKILL)
      _ = waitpid(pid, nil, 0)
      throw error
    }
    self.pid = pid
  }

  /// Goes on in a copy of this process, of which only the calling thread is there: whatever other threads held locked at that moment
  /// stays so in the copy. It is killed when the calling thread ends, and Ctrl-C does not reach it.
  /// - Parameter body: all that the copy does. Its standard output must not be written to: it has this process's buffers.
  public static func fork(_ body: () -> Void) throws(SystemError) -> ProcessHandle {
    let parent = getpid()
    let pid = nm_fork()
    guard pid >= 0 else {
      throw SystemError(
        "start a process for a session", Errno(rawValue: nm_errno()),
        advice: "Raise the limit of processes (ulimit -u).")
    }
    if pid == 0 {
      if nm_die_with_parent(parent) == 0 { body() }
      _exit(0)
    }
    return try ProcessHandle(owning: pid, name: "of a session")
  }

  deinit {
    _ = nm_pidfd_send_signal(descriptor.rawValue, SIGKILL)
    let child = pid
    _ = try? systemCall { nm_reap(child) }
  }

  /// The number of a descriptor that can be read once the process has ended.
  public var endDescriptor: Int32 { descriptor.rawValue }

  /// Waits for the end.
  /// - Parameter deadline: on `MonotonicClock`.
  /// - Returns: whether the process has ended.
  public borrowing func wait(until deadline: UInt64) -> Bool {
    while true {
      let now = MonotonicClock.now
      let left = deadline > now ? (deadline - now + 999_999) / 1_000_000 : 0
      var entry = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
      if unsafe poll(&entry, 1, Int32(clamping: left)) > 0 { return true }
      if MonotonicClock.now >= deadline { return false }
    }
  }

  /// Ends it at once.
  public borrowing func end() { _ = nm_pidfd_send_signal(descriptor.rawValue, SIGKILL) }

  /// The status that it ended with; nil while it runs, and where a signal killed it.
  public var exitStatus: Int32? {
    var status: Int32 = 0
    return unsafe nm_child_ending(pid, &status) == 0 ? status : nil
  }

  /// How it ended: `it was killed by signal 9 (Killed)`, `it ended with status 3`; nil while it runs.
  public var ending: String? {
    var status: Int32 = 0
    switch unsafe nm_child_ending(pid, &status) {
    case 0: return "it ended with status \(status)"
    case 1:
      let name = unsafe strsignal(status).map { unsafe " (\(String(cString: $0)))" } ?? ""
      return "it was killed by signal \(status)\(name)"
    default: return nil
    }
  }
}
