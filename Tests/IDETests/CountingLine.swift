import Devices
import Synchronization

/// Counts pulses.
final class CountingLine: InterruptLine {
  private let pulses = Atomic<Int>(0)

  func pulse() { pulses.add(1, ordering: .relaxed) }

  /// Pulses since the last call.
  func take() -> Int { pulses.exchange(0, ordering: .relaxed) }
}
