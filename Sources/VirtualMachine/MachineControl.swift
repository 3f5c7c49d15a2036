import LinuxSystem
import Synchronization

/// What a machine's threads share: whether to stop, and how it ended. The first end counts.
final class MachineControl: Sendable {
  private let end = Mutex<MachineEnd?>(nil)
  private let stopping = Atomic<Bool>(false)
  private let ended: EventCounter

  init() throws(SystemError) {
    ended = try EventCounter()
  }

  /// Whether every loop should return.
  @inline(__always)
  var isStopping: Bool { stopping.load(ordering: .acquiring) }

  /// Ends the machine. Any thread.
  func finish(_ how: MachineEnd) {
    end.withLock { if $0 == nil { $0 = how } }
    stopping.store(true, ordering: .releasing)
    ended.signal()
  }

  /// Waits for the end; nil when the deadline passed first.
  func wait(until deadline: UInt64) -> MachineEnd? {
    ended.wait(until: deadline) ? end.withLock { $0 } : nil
  }
}
