import Devices
import Synchronization

/// An interrupt line that counts its pulses.
final class CountingLine: InterruptLine {
  private let count = Atomic<Int>(0)
  private let taken = Atomic<Int>(0)

  func pulse() { count.add(1, ordering: .acquiringAndReleasing) }

  /// Pulses so far.
  var pulses: Int { count.load(ordering: .acquiring) }

  /// Pulses since the last call.
  func take() -> Int {
    let now = pulses
    return now - taken.exchange(now, ordering: .acquiringAndReleasing)
  }
}
