import Storage
import Synchronization

/// Flushes that an engine was asked for.
final class FlushCount: Sendable {
  private let count = Atomic<Int>(0)
  var value: Int { count.load(ordering: .acquiring) }
  func add() { count.add(1, ordering: .acquiringAndReleasing) }
}

/// An engine that counts the flushes of the one that it wraps.
struct CountingEngine: ~Copyable, StorageEngine {
  private var inner: Backing
  private let count: FlushCount

  init(_ inner: consuming Backing, _ count: FlushCount) {
    self.inner = inner
    self.count = count
  }

  var capacity: UInt64 { inner.capacity }
  var isReadOnly: Bool { inner.isReadOnly }
  var maximumInFlight: Int { inner.maximumInFlight }
  var counts: EngineCounts { inner.counts }

  mutating func submit(_ request: StorageRequest) -> StorageCompletion? {
    if request.operation == .flush { count.add() }
    return inner.submit(request)
  }
  mutating func kick() { inner.kick() }
  mutating func reap(into completions: UnsafeMutableBufferPointer<StorageCompletion>, wait: Bool) -> Int {
    unsafe inner.reap(into: completions, wait: wait)
  }
  mutating func completionEvent() -> Int32? { inner.completionEvent() }
}
