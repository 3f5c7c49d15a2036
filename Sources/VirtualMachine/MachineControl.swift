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

/// How a machine's run ended.
public enum MachineEnd: Sendable, Equatable {
  /// The guest wrote this to the debug-exit port.
  case exited(UInt32)
  /// The guest asked for a reset.
  case reset
  /// The guest turned the machine off.
  case poweredOff
  /// The guest did something that no machine survives; the reason has the exit and the instruction pointer.
  case failed(String)
  /// The guest had not ended at the deadline; the reason has what every vCPU was doing.
  case timedOut(String)
  /// `stop` was called from outside.
  case stopped
}
