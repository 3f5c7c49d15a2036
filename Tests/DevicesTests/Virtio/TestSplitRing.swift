import CLinux
import Devices
import GuestMemory

/// The driver's side of a split virtqueue (virtio 1.2 §2.7).
final class TestSplitRing: TestRing {
  let layout: VirtqueueLayout
  private let memory: GuestMemory
  private let eventIndex: Bool
  private var free: [UInt16]
  private var chains: [UInt16: [UInt16]] = [:]
  private var available: UInt16 = 0
  private var asked: UInt16 = 0
  private var used: UInt16 = 0

  private var table: UInt64 { layout.descriptorArea.rawValue }
  private var driver: UInt64 { layout.driverArea.rawValue }
  private var device: UInt64 { layout.deviceArea.rawValue }
  private var size: UInt16 { layout.size }

  var room: Int { free.count }

  init(_ memory: GuestMemory, at base: UInt64, size: UInt16, eventIndex: Bool) {
    self.memory = memory
    self.eventIndex = eventIndex
    layout = VirtqueueLayout(
      size: size, descriptorArea: GuestAddress(base), driverArea: GuestAddress(base + 0x8000),
      deviceArea: GuestAddress(base + 0xa000))
    free = (0..<size).reversed()
    unsafe memory.bytes(base, 0x10000).initializeMemory(as: UInt8.self, repeating: 0)
  }

  func add(_ buffers: [TestBuffer], indirectAt indirect: UInt64?) -> UInt16 {
    let ring: [UInt16]
    if let indirect {
      ring = [free.removeLast()]
      for (index, buffer) in buffers.enumerated() {
        let next: UInt16? = index + 1 < buffers.count ? UInt16(index + 1) : nil
        write(buffer, at: indirect + UInt64(index) * 16, next: next)
      }
      let head = TestBuffer(address: indirect, count: UInt32(buffers.count * 16))
      write(head, at: table + UInt64(ring[0]) * 16, next: nil, flags: 4)
    } else {
      ring = buffers.map { _ in free.removeLast() }
      for (index, buffer) in buffers.enumerated() {
        let next = index + 1 < ring.count ? ring[index + 1] : nil
        write(buffer, at: table + UInt64(ring[index]) * 16, next: next)
      }
    }
    chains[ring[0]] = ring
    memory.put(ring[0], driver + 4 + 2 * UInt64(available % size))
    available &+= 1
    return ring[0]
  }

  private func write(_ buffer: TestBuffer, at entry: UInt64, next: UInt16?, flags: UInt16 = 0) {
    memory.put(buffer.address, entry)
    memory.put(buffer.count, entry + 8)
    memory.put(flags | (next == nil ? 0 : 1) | (buffer.writable ? 2 : 0), entry + 12)
    memory.put(next ?? 0, entry + 14)
  }

  func publish() {
    nm_shared_fence()
    memory.put(available, driver + 2)
  }

  func wantsDoorbell() -> Bool {
    nm_shared_fence()
    let old = asked
    asked = available
    if eventIndex {
      let event: UInt16 = memory.get(device + 4 + 8 * UInt64(size))
      return available &- event &- 1 < available &- old
    }
    return memory.get(device, as: UInt16.self) & 1 == 0
  }

  func take() -> (id: UInt16, written: UInt32)? {
    guard unsafe nm_shared_load16_acquire(memory.bytes(device + 2, 2).baseAddress!) != used else { return nil }
    let entry = device + 4 + 8 * UInt64(used % size)
    used &+= 1
    let id = UInt16(truncatingIfNeeded: memory.get(entry, as: UInt32.self))
    free += chains.removeValue(forKey: id) ?? []
    return (id, memory.get(entry + 4))
  }

  func wantInterrupt(_ wanted: Bool, after count: UInt16) {
    if eventIndex {
      memory.put(wanted ? used &+ count &- 1 : used &- 1, driver + 4 + 2 * UInt64(size))
    } else {
      memory.put(UInt16(wanted ? 0 : 1), driver)
    }
    nm_shared_fence()
  }
}
