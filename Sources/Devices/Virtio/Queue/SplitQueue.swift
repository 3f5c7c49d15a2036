import CLinux
import GuestMemory

/// Where the three areas of a split virtqueue lie in this process (virtio 1.2 §2.7).
@safe struct SplitAreas {
  let descriptors: UnsafeMutableRawPointer
  let driver: UnsafeMutableRawPointer
  let device: UnsafeMutableRawPointer

  /// - Throws: `VirtqueueFailure` where the size or an area is impossible.
  init(_ layout: VirtqueueLayout, in window: GuestWindow) throws(VirtqueueFailure) {
    let count = Int(layout.size)
    guard count > 0, count <= 32768, count & (count - 1) == 0 else { throw .size(layout.size) }
    let table = try unsafe window.area("descriptor", layout.descriptorArea, count: 16 * count, alignment: 16)
    let available = try unsafe window.area("driver", layout.driverArea, count: 6 + 2 * count, alignment: 2)
    let used = try unsafe window.area("device", layout.deviceArea, count: 6 + 8 * count, alignment: 4)
    unsafe (descriptors, driver, device) = unsafe (table, available, used)
  }
}

/// A split virtqueue (virtio 1.2 §2.7).
@safe struct SplitQueue: ~Copyable, DeviceQueue {
  private let descriptors: UnsafeMutableRawPointer
  private let available: UnsafeMutableRawPointer
  private let used: UnsafeMutableRawPointer
  private let window: GuestWindow
  private let size: UInt16
  private let eventIndex: Bool
  private let indirect: Bool

  /// Next available entry to take, and the driver's index when it was last read.
  private var nextAvailable: UInt16 = 0
  private var knownAvailable: UInt16 = 0
  /// Next used entry to write, and its value when `wantsInterrupt` was last asked.
  private var nextUsed: UInt16 = 0
  private var askedUsed: UInt16 = 0
  /// Whether the driver was asked to ring no doorbell.
  private var doorbellIsOff = false
  /// With event indices that request expires when the index wraps around: it is renewed four times before.
  private static let renewal: UInt16 = 0x3fff

  private static let next: UInt16 = 1
  private static let write: UInt16 = 2
  private static let isIndirect: UInt16 = 4

  init(_ layout: VirtqueueLayout, features: VirtioFeatures, window: GuestWindow) throws(VirtqueueFailure) {
    let areas = try SplitAreas(layout, in: window)
    unsafe descriptors = areas.descriptors
    unsafe available = areas.driver
    unsafe used = areas.device
    self.window = window
    size = layout.size
    eventIndex = features.contains(.eventIndex)
    indirect = features.contains(.indirectDescriptors)
  }

  @inline(__always)
  private mutating func hasNext() throws(VirtqueueFailure) -> Bool {
    if nextAvailable != knownAvailable { return true }
    // The acquire pairs with the driver's barrier between filling entries and moving the index (§2.7.13.3).
    knownAvailable = unsafe nm_shared_load16_acquire(available + 2)
    if knownAvailable == nextAvailable { return false }
    guard knownAvailable &- nextAvailable <= size else {
      throw .availableIndexJump(from: nextAvailable, to: knownAvailable)
    }
    return true
  }

  // Not inlined: it would be into the protocol's thunk, where the compiler (Swift 6.3) makes a call of each load.
  @inline(never)
  mutating func pop(_ chain: inout DescriptorChain) throws(VirtqueueFailure) -> Bool {
    guard try hasNext() else { return false }
    let head = unsafe nm_shared_load16(available + 4 + 2 * Int(nextAvailable & (size - 1)))
    nextAvailable &+= 1
    if _slowPath(nextAvailable & Self.renewal == 0), doorbellIsOff { disableDoorbell() }
    chain.begin(id: head)
    chain.elements = 1
    try unsafe Self.walk(&chain, descriptors, entries: UInt32(size), from: head, window, mayIndirect: indirect)
    return true
  }

  /// Follows a chain through the ring's table or an indirect one. `append` bounds the steps.
  @inline(__always)
  private static func walk(
    _ chain: inout DescriptorChain, _ table: UnsafeMutableRawPointer, entries: UInt32, from head: UInt16,
    _ window: GuestWindow, mayIndirect: Bool
  ) throws(VirtqueueFailure) {
    var index = head
    while true {
      guard UInt32(index) < entries else { throw .descriptorIndex(index) }
      let entry = unsafe table + 16 * Int(index)
      let address = unsafe nm_shared_load64(entry)
      let rest = unsafe nm_shared_load64(entry + 8)
      let length = UInt32(truncatingIfNeeded: rest)
      let flags = UInt16(truncatingIfNeeded: rest >> 32)
      if flags & isIndirect != 0 {
        guard mayIndirect, flags & next == 0 else { throw .indirectNotAllowed }
        return try walkIndirect(&chain, address, length, window)
      }
      try chain.append(address, length, writable: flags & write != 0, window)
      if flags & next == 0 { return }
      index = UInt16(truncatingIfNeeded: rest >> 48)
    }
  }

  @inline(never)
  private static func walkIndirect(
    _ chain: inout DescriptorChain, _ address: UInt64, _ length: UInt32, _ window: GuestWindow
  ) throws(VirtqueueFailure) {
    guard length > 0, length % 16 == 0 else { throw .indirectTable(length: length) }
    guard let table = unsafe window.host(address, UInt64(length)) else { throw .buffer(GuestAddress(address), length) }
    try unsafe walk(&chain, table, entries: length / 16, from: 0, window, mayIndirect: false)
  }

  @inline(__always)
  func prefetch() {
    if nextAvailable == knownAvailable { return }
    let head = unsafe nm_shared_load16(available + 4 + 2 * Int(nextAvailable & (size - 1)))
    unsafe nm_prefetch(descriptors + 16 * Int(head & (size - 1)))
  }

  @inline(__always)
  mutating func push(id: UInt16, elements: UInt16, written: UInt32) {
    let entry = unsafe used + 4 + 8 * Int(nextUsed & (size - 1))
    unsafe nm_shared_store64(entry, UInt64(written) << 32 | UInt64(id))
    nextUsed &+= 1
  }

  @inline(__always)
  mutating func publish() {
    unsafe nm_shared_store16_release(used + 2, nextUsed)
  }

  mutating func wantsInterrupt() -> Bool {
    let old = askedUsed
    askedUsed = nextUsed
    guard old != nextUsed else { return false }
    // The used index must be visible before the driver's suppression is read, or both sides could wait for each other (§2.7.7.2).
    nm_shared_fence()
    if eventIndex {
      let event = unsafe nm_shared_load16(available + 4 + 2 * Int(size))
      return nextUsed &- event &- 1 < nextUsed &- old
    }
    return unsafe nm_shared_load16(available) & 1 == 0
  }

  mutating func disableDoorbell() {
    doorbellIsOff = true
    if eventIndex {
      // An event index that was just passed is not passed again for 65536 buffers (§2.7.10).
      unsafe nm_shared_store16(used + 4 + 8 * Int(size), nextAvailable &- 1)
    } else {
      unsafe nm_shared_store16(used, 1)
    }
  }

  mutating func enableDoorbell() -> Bool {
    doorbellIsOff = false
    if eventIndex {
      unsafe nm_shared_store16(used + 4 + 8 * Int(size), nextAvailable)
    } else {
      unsafe nm_shared_store16(used, 0)
    }
    // The request must be visible before the index is read again, or a buffer between the two would be missed (§2.7.10.1).
    nm_shared_fence()
    return unsafe nm_shared_load16(available + 2) != nextAvailable
  }
}
