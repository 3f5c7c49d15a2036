import CLinux
import Synchronization

/// A thread's id, for the one that made it.
final class Shared: Sendable {
  private let identifier = Atomic<Int32>(0)
  var value: Int32 { identifier.load(ordering: .acquiring) }
  func set() { identifier.store(nm_gettid(), ordering: .releasing) }
}
