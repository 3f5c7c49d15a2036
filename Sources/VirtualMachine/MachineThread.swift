import CLinux
import LinuxSystem
import Synchronization

/// A host thread that serves a machine: a vCPU's, or a device's I/O thread. One that does not end in time, because
/// what it waits for does not answer, is left behind: it stays, and everything that it uses stays with it.
final class MachineThread: @unchecked Sendable {
  // @unchecked: `thread` is used by the machine's owner alone.

  private let name: String
  private var thread: PinnedThread?
  private let identifierStore = Atomic<Int32>(0)
  private let problemStore = Mutex<String?>(nil)
  private let ended: EventCounter

  /// - Parameter name: at most 15 bytes count.
  init(_ name: String) throws(SystemError) {
    self.name = name
    ended = try EventCounter()
  }

  /// Kernel thread id; 0 where it does not run yet. Any thread.
  var identifier: Int32 { identifierStore.load(ordering: .acquiring) }

  /// Why it ended before it was told to, or did not end when it was. Any thread.
  var problem: String? { problemStore.withLock { $0 } }

  /// - Parameters:
  ///   - cpu: the host CPU that it is pinned to; nil leaves it free.
  ///   - body: what it does. It keeps what it uses alive.
  func start(on cpu: Int?, _ body: @escaping @Sendable () throws(SystemError) -> Void) throws(SystemError) {
    thread = try PinnedThread(name: name, cpu: cpu) { [self] in
      identifierStore.store(nm_gettid(), ordering: .releasing)
      do throws(SystemError) {
        try body()
      } catch {
        problemStore.withLock { $0 = error.description }
      }
      ended.signal()
    }
  }

  /// Sends the thread a signal, which interrupts a blocking system call in it.
  func signal(_ number: Int32) { thread?.signal(number) }

  /// Waits for the thread's end, and leaves it behind when the deadline passes first.
  /// - Parameter deadline: `MonotonicClock` time.
  /// - Returns: whether it ended.
  @discardableResult
  func join(until deadline: UInt64) -> Bool {
    guard let thread else { return true }
    self.thread = nil
    if ended.wait(until: deadline) {
      thread.join()
      return true
    }
    thread.detach()
    problemStore.withLock {
      $0 = $0 ?? "the thread \"\(name)\" did not end with the machine: what it waits for does not answer"
    }
    return false
  }
}
