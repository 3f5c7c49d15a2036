import Devices
import Glibc
import GuestMemory
import Testing

/// A driver for any virtio device over any transport, as a guest would write it: it sees registers and memory, nothing else.
class TestDriver {
  static let base: UInt64 = 0x10000
  let memory: GuestMemory
  let access: any TestAccess
  private(set) var rings: [any TestRing] = []
  private(set) var features: VirtioFeatures = []

  init(_ memory: GuestMemory, _ access: any TestAccess) {
    self.memory = memory
    self.access = access
  }

  var status: VirtioStatus { VirtioStatus(rawValue: access.status) }

  /// virtio 1.2 §3.1.1. Returns whether the device accepted the features.
  @discardableResult
  func negotiate(_ wanted: VirtioFeatures) -> Bool {
    features = wanted
    for status in [0, 1, 3] as [UInt8] { access.status = status }
    for half in 0..<2 as Range<UInt32> {
      access.setFeatures(half, UInt32(truncatingIfNeeded: wanted.rawValue >> (half * 32)))
    }
    access.status = 11
    return status.contains(.featuresOK)
  }

  func makeRing(_ queue: UInt32 = 0, size: UInt16 = 16) -> any TestRing {
    let at = Self.base + UInt64(queue) * 0x10000
    let eventIndex = features.contains(.eventIndex)
    return features.contains(.packedRing)
      ? TestPackedRing(memory, at: at, size: size, eventIndex: eventIndex)
      : TestSplitRing(memory, at: at, size: size, eventIndex: eventIndex)
  }

  /// Negotiates, sets up `queues` rings and starts.
  func start(_ wanted: VirtioFeatures, queues: UInt32 = 1, size: UInt16 = 16) throws {
    try #require(negotiate(wanted))
    rings = (0..<queues).map { makeRing($0, size: size) }
    for (queue, ring) in rings.enumerated() { access.enable(UInt32(queue), ring.layout) }
    access.status = 15
  }

  /// Publishes what was added and rings where the device wants it.
  func kick(_ queue: Int = 0) {
    rings[queue].publish()
    if rings[queue].wantsDoorbell() { access.notify(UInt32(queue)) }
  }

  /// Waits for the next used buffer; nil after ten seconds, which no healthy device takes.
  func wait(_ queue: Int = 0) -> (id: UInt16, written: UInt32)? {
    for _ in 0..<200_000 {
      if let used = rings[queue].take() { return used }
      usleep(50)
    }
    return nil
  }

  /// Waits for something to become true; false after ten seconds.
  static func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<100_000 {
      if condition() { return true }
      usleep(100)
    }
    return false
  }
}
