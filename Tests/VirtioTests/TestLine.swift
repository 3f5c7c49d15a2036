import Devices
import LinuxSystem
import Synchronization

/// An interrupt line that counts its pulses and lets a test wait for one.
final class TestLine: InterruptLine {
  private let count = Atomic<Int>(0)
  private let event: EventCounter

  init() throws {
    event = try EventCounter(nonBlocking: true)
  }

  var pulses: Int { count.load(ordering: .acquiring) }

  func pulse() {
    count.add(1, ordering: .acquiringAndReleasing)
    event.signal()
  }
}
