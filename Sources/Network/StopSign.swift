import LinuxSystem
import Synchronization

/// Tells a thread to end, whether it looks or sleeps.
final class StopSign: Sendable {
  private let flag = Atomic<Bool>(false)
  private let counter: EventCounter?

  /// - Parameter counter: is signalled for a thread that sleeps.
  init(_ counter: consuming EventCounter? = nil) { self.counter = counter }

  var isGiven: Bool { flag.load(ordering: .relaxed) }
  /// Readable once the sign was given; -1 for a thread that never sleeps.
  var descriptor: Int32 { counter?.rawValue ?? -1 }

  func give() {
    flag.store(true, ordering: .relaxed)
    counter?.signal()
  }
}
