import CLinux
import GuestMemory

/// A packed virtqueue (virtio 1.2 §2.8).
@safe struct PackedQueue: ~Copyable, DeviceQueue {
  private let ring: UnsafeMutableRawPointer
  private let driverEvent: UnsafeMutableRawPointer
  private let deviceEvent: UnsafeMutableRawPointer
  private let window: GuestWindow
  private let size: UInt16
  private let eventIndex: Bool
  private let indirect: Bool

  /// Next element to take and the driver's wrap counter there.
  private var next: UInt16 = 0
  private var nextWrap = true
  /// Next element to give back and the device's wrap counter there.
  private var used: UInt16 = 0
  private var usedWrap = true
  /// The first element of what `publish` will show: its flags are written last, so that a batch appears as one.
  private var held: UInt16 = 0
  private var heldFlags: UInt16 = 0
  private var isHolding = false
  /// Elements given back since `wantsInterrupt` was last asked.
  private var since: UInt16 = 0

  private static let next: UInt16 = 1
  private static let write: UInt16 = 2
  private static let isIndirect: UInt16 = 4
  private static let available: UInt16 = 1 << 7
  private static let isUsed: UInt16 = 1 << 15

  init(_ layout: VirtqueueLayout, features: VirtioFeatures, window: GuestWindow) throws(VirtqueueFailure) {
    let count = Int(layout.size)
    guard count > 0, count <= 32768 else { throw .size(layout.size) }
    let table = try unsafe window.area("descriptor", layout.descriptorArea, count: 16 * count, alignment: 16)
    let driver = try unsafe window.area("driver", layout.driverArea, count: 4, alignment: 4)
    let device = try unsafe window.area("device", layout.deviceArea, count: 4, alignment: 4)
    unsafe ring = table
    unsafe driverEvent = driver
    unsafe deviceEvent = device
    self.window = window
    size = layout.size
    eventIndex = features.contains(.eventIndex)
    indirect = features.contains(.indirectDescriptors)
  }

  /// Whether the element to take next is available: its flag is the wrap counter, and its used flag is not (§2.8.1).
  @inline(__always)
  private func isAvailable(_ flags: UInt16) -> Bool {
    (flags & Self.available != 0) == nextWrap && (flags & Self.isUsed != 0) != nextWrap
  }

  // Not inlined: it would be into the protocol's thunk, where the compiler (Swift 6.3) makes a call of each load.
  @inline(never)
  mutating func pop(_ chain: inout DescriptorChain) throws(VirtqueueFailure) -> Bool {
    // The acquire pairs with the driver's barrier before it writes the first element's flags (§2.8.21.3).
    guard isAvailable(unsafe nm_shared_load16_acquire(ring + 16 * Int(next) + 14)) else { return false }
    chain.begin(id: 0)
    var elements: UInt16 = 0
    while true {
      let entry = unsafe ring + 16 * Int(next)
      let address = unsafe nm_shared_load64(entry)
      let rest = unsafe nm_shared_load64(entry + 8)
      let length = UInt32(truncatingIfNeeded: rest)
      let flags = UInt16(truncatingIfNeeded: rest >> 48)
      elements += 1
      guard elements <= size else { throw .chainTooLong }
      next += 1
      if next == size {
        next = 0
        nextWrap.toggle()
      }
      if flags & Self.isIndirect != 0 {
        guard indirect, flags & Self.next == 0 else { throw .indirectNotAllowed }
        try Self.walkIndirect(&chain, address, length, window)
      } else {
        try chain.append(address, length, writable: flags & Self.write != 0, window)
      }
      if flags & Self.next == 0 {
        chain.id = UInt16(truncatingIfNeeded: rest >> 32)
        chain.elements = elements
        return true
      }
    }
  }

  @inline(never)
  private static func walkIndirect(
    _ chain: inout DescriptorChain, _ address: UInt64, _ length: UInt32, _ window: GuestWindow
  ) throws(VirtqueueFailure) {
    guard length > 0, length % 16 == 0 else { throw .indirectTable(length: length) }
    guard let table = unsafe window.host(address, UInt64(length)) else { throw .buffer(GuestAddress(address), length) }
    for index in 0..<Int(length / 16) {
      let entry = unsafe table + 16 * index
      let buffer = unsafe nm_shared_load64(entry)
      let rest = unsafe nm_shared_load64(entry + 8)
      let flags = UInt16(truncatingIfNeeded: rest >> 48)
      guard flags & isIndirect == 0 else { throw .indirectNotAllowed }
      try chain.append(buffer, UInt32(truncatingIfNeeded: rest), writable: flags & write != 0, window)
    }
  }

  @inline(__always)
  func prefetch() {
    unsafe nm_prefetch(ring + 16 * Int(next))
  }

  @inline(__always)
  mutating func push(id: UInt16, elements: UInt16, written: UInt32) {
    let entry = unsafe ring + 16 * Int(used)
    unsafe nm_shared_store32(entry + 8, written)
    unsafe nm_shared_store16(entry + 12, id)
    let flags = (usedWrap ? Self.available | Self.isUsed : 0) | (written > 0 ? Self.write : 0)
    if isHolding {
      unsafe nm_shared_store16_release(entry + 14, flags)
    } else {
      held = used
      heldFlags = flags
      isHolding = true
    }
    since &+= elements
    used += elements
    if used >= size {
      used -= size
      usedWrap.toggle()
    }
  }

  @inline(__always)
  mutating func publish() {
    guard isHolding else { return }
    isHolding = false
    unsafe nm_shared_store16_release(ring + 16 * Int(held) + 14, heldFlags)
  }

  mutating func wantsInterrupt() -> Bool {
    let count = since
    since = 0
    guard count > 0 else { return false }
    // What is used must be visible before the driver's suppression is read, or both sides could wait for each other (§2.8.21.3.1).
    nm_shared_fence()
    let suppression = unsafe nm_shared_load32(driverEvent)
    switch suppression >> 16 & 3 {
    case 1: return false
    case 2 where eventIndex:
      var event = UInt16(truncatingIfNeeded: suppression) & 0x7fff
      if (suppression & 0x8000 != 0) != usedWrap { event &-= size }
      return used &- event &- 1 < count
    default: return true
    }
  }

  mutating func disableDoorbell() {
    unsafe nm_shared_store16(deviceEvent + 2, 1)
  }

  mutating func enableDoorbell() -> Bool {
    if eventIndex {
      unsafe nm_shared_store16(deviceEvent, next | (nextWrap ? 0x8000 : 0))
      unsafe nm_shared_store16_release(deviceEvent + 2, 2)
    } else {
      unsafe nm_shared_store16(deviceEvent + 2, 0)
    }
    // The request must be visible before the ring is read again, or a buffer between the two would be missed (§2.8.10).
    nm_shared_fence()
    return isAvailable(unsafe nm_shared_load16(ring + 16 * Int(next) + 14))
  }
}
