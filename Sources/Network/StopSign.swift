import LinuxSystem
import Synchronization

/// Tells a thread to end, whether it looks or sleeps.
final class StopSign: Sendable {
  private let flag = Atomic<Bool>(false)
  private let counter: EventCounter

  init() throws(SystemError) { counter = try EventCounter(nonBlocking: true) }

  var isGiven: Bool { flag.load(ordering: .relaxed) }
  /// Readable once the sign was given.
  var descriptor: Int32 { counter.rawValue }

  func give() {
    flag.store(true, ordering: .relaxed)
    counter.signal()
  }
}
