import CLinux
import Devices
import GuestMemory

/// The driver's side of a packed virtqueue (virtio 1.2 §2.8).
final class TestPackedRing: TestRing {
  let layout: VirtqueueLayout
  private let memory: GuestMemory
  private let eventIndex: Bool
  private var next: UInt16 = 0
  private var wrap = true
  private var used: UInt16 = 0
  private var usedWrap = true
  private var asked: UInt16 = 0
  private var ids: [UInt16]
  private var elements: [UInt16: UInt16] = [:]
  /// Flags of heads that are not published yet, in the order of adding.
  private var heads: [(entry: UInt64, flags: UInt16)] = []
  private var free: UInt16

  private var ring: UInt64 { layout.descriptorArea.rawValue }

  var room: Int { Int(free) }

  init(_ memory: GuestMemory, at base: UInt64, size: UInt16, eventIndex: Bool) {
    self.memory = memory
    self.eventIndex = eventIndex
    layout = VirtqueueLayout(
      size: size, descriptorArea: GuestAddress(base), driverArea: GuestAddress(base + 0x8000),
      deviceArea: GuestAddress(base + 0xa000))
    // Identities that are no indices, so that a device cannot mistake one for the other.
    ids = (0..<size).map { $0 &+ 1000 }.reversed()
    free = size
    unsafe memory.bytes(base, 0x10000).initializeMemory(as: UInt8.self, repeating: 0)
  }

  func add(_ buffers: [TestBuffer], indirectAt indirect: UInt64?) -> UInt16 {
    let id = ids.removeLast()
    var described = buffers
    if let indirect {
      for (index, buffer) in buffers.enumerated() {
        memory.put(buffer.address, indirect + UInt64(index) * 16)
        memory.put(buffer.count, indirect + UInt64(index) * 16 + 8)
        memory.put(UInt16(0xbeef), indirect + UInt64(index) * 16 + 12)
        memory.put(UInt16(buffer.writable ? 2 : 0), indirect + UInt64(index) * 16 + 14)
      }
      described = [TestBuffer(address: indirect, count: UInt32(buffers.count * 16))]
    }
    for (index, buffer) in described.enumerated() {
      let entry = ring + UInt64(next) * 16
      memory.put(buffer.address, entry)
      memory.put(buffer.count, entry + 8)
      let isLast = index + 1 == described.count
      memory.put(isLast ? id : 0xdead, entry + 12)
      var flags: UInt16 = (wrap ? 1 << 7 : 1 << 15) | (buffer.writable ? 2 : 0) | (isLast ? 0 : 1)
      if indirect != nil { flags |= 4 }
      if index == 0 { heads.append((entry, flags)) } else { memory.put(flags, entry + 14) }
      next += 1
      if next == layout.size {
        next = 0
        wrap.toggle()
      }
    }
    elements[id] = UInt16(described.count)
    free -= UInt16(described.count)
    asked &+= UInt16(described.count)
    return id
  }

  func publish() {
    nm_shared_fence()
    for head in heads { memory.put(head.flags, head.entry + 14) }
    heads = []
  }

  func wantsDoorbell() -> Bool {
    nm_shared_fence()
    let count = asked
    asked = 0
    let wish: UInt32 = memory.get(layout.deviceArea.rawValue)
    switch wish >> 16 & 3 {
    case 1: return false
    case 2 where eventIndex:
      var event = UInt16(wish & 0x7fff)
      if (wish & 0x8000 != 0) != wrap { event &-= layout.size }
      return next &- event &- 1 < count
    default: return true
    }
  }

  func take() -> (id: UInt16, written: UInt32)? {
    let entry = ring + UInt64(used) * 16
    let flags = unsafe nm_shared_load16_acquire(memory.bytes(entry + 14, 2).baseAddress!)
    guard (flags & 1 << 7 != 0) == usedWrap, (flags & 1 << 15 != 0) == usedWrap else { return nil }
    let id: UInt16 = memory.get(entry + 12)
    let written: UInt32 = memory.get(entry + 8)
    guard let count = elements.removeValue(forKey: id) else { return nil }
    free += count
    ids.append(id)
    used += count
    if used >= layout.size {
      used -= layout.size
      usedWrap.toggle()
    }
    return (id, written)
  }

  /// With event indices `count` counts ring elements, as the ring does.
  func wantInterrupt(_ wanted: Bool, after count: UInt16) {
    let area = layout.driverArea.rawValue
    if wanted && eventIndex {
      let position = used + count - 1
      let wraps = position >= layout.size
      let offset = wraps ? position - layout.size : position
      memory.put(offset | (usedWrap != wraps ? 0x8000 : 0), area)
      memory.put(UInt16(2), area + 2)
    } else {
      memory.put(UInt16(wanted ? 0 : 1), area + 2)
    }
    nm_shared_fence()
  }
}
