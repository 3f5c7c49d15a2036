import Devices
import Frames
import Glibc
import GuestMemory
import Testing

/// A driver that mistreats virtio-net.
final class NetFuzzGuest: TestDriver {
  let device: VirtioNet
  let wire: FuzzWire

  init(_ transport: String, _ wire: FuzzWire) throws {
    let memory = try GuestMemory(size: 8 << 20, hugePages: false)
    self.wire = wire
    device = try VirtioNet(memory: memory, link: wire, options: NetOptions(pairs: 2, queueSize: 16))
    super.init(
      memory, transport == "pci" ? try TestPCIAccess(device) as any TestAccess : try TestMMIOAccess(device))
  }

  /// One life of a device: set up mostly well, then mistreated, then shown to be sane.
  func round(packed: Bool, _ random: inout FuzzRandom) throws {
    let ring: VirtioFeatures = packed ? [.version1, .packedRing] : [.version1]
    wire.isQuiet = false
    try start(features(ring, &random), queues: 5)
    for _ in 0..<random.below(20) + 1 {
      for _ in 0..<random.below(12) { addSomething(&random) }
      if random.below(3) == 0 { for _ in 0..<random.below(6) { mutateRings(&random) } }
      kick(random.below(5))
      for ring in rings { for _ in 0..<16 where ring.take() == nil { break } }
      if random.below(6) == 0 { mutateRegisters(&random) }
      // Sometimes the device has time to work on it, sometimes the next blow falls meanwhile.
      if random.below(2) == 0 { usleep(50) }
      if random.below(40) == 0 { access.status = 0 }
    }
    access.status = 0
    try #require(access.status == 0)
    wire.isQuiet = true
    try start(ring, queues: 5)
    try sendOne(UInt8(truncatingIfNeeded: random.next()))
  }

  private func features(_ ring: VirtioFeatures, _ random: inout FuzzRandom) -> VirtioFeatures {
    var features = ring
    for feature in [.eventIndex, .indirectDescriptors, .netMergeableBuffers, .netAddress] as [VirtioFeatures]
    where random.below(4) != 0 {
      features.insert(feature)
    }
    if random.below(4) != 0 { features.formUnion([.netChecksum, .netHostTCP4, .netGuestChecksum, .netGuestTCP4]) }
    if random.below(4) != 0 { features.formUnion([.netControl, .netControlReceive, .netControlAddress]) }
    if features.contains(.netControl), random.below(3) == 0 { features.insert(.netMultipleQueues) }
    return features
  }

  private func sendOne(_ seed: UInt8) throws {
    let frame = NetGuest.frame(60, seed: seed)
    unsafe memory.bytes(0x40_0000, 12).initializeMemory(as: UInt8.self, repeating: 0)
    unsafe memory.bytes(0x41_0000, 60).copyBytes(from: frame)
    let buffers = [TestBuffer(address: 0x40_0000, count: 12), TestBuffer(address: 0x41_0000, count: 60)]
    let id = rings[1].add(buffers)
    kick(1)
    let used = try #require(wait(1), "the device answers")
    try #require(used.id == id)
    try #require(wire.last == frame)
  }

  /// A frame, a receive buffer or a command that is good in most of its parts.
  private func addSomething(_ random: inout FuzzRandom) {
    let queue = random.below(5)
    guard rings[queue].room >= 4 else { return }
    let place = 0x40_0000 + UInt64(random.below(0x3e_0000))
    let table = random.below(3) == 0 ? 0x30_0000 + UInt64(random.below(0x1000)) * 16 : nil
    var buffers: [TestBuffer] = []
    switch queue {
    case 0, 2:
      for _ in 0..<random.below(3) + 1 {
        let count = random.below(3) == 0 ? random.below(40) : random.below(5000)
        buffers.append(
          TestBuffer(
            address: place + UInt64(buffers.count) * 5000, count: UInt32(count), writable: random.below(30) != 0))
      }
    case 1, 3:
      fillHeader(place, &random)
      let split = random.below(3) == 0 ? random.below(30) : 12
      let count = random.below(4) == 0 ? random.below(80_000) : random.below(1600)
      buffers = [
        TestBuffer(address: place, count: UInt32(split)),
        TestBuffer(address: place + UInt64(split), count: UInt32(count)),
      ]
      if random.below(20) == 0 { buffers.append(TestBuffer(address: place, count: 9, writable: true)) }
    default:
      for index in 0..<40 as Range<UInt64> { memory.put(UInt8(random.below(7)), place + index) }
      if random.below(3) == 0 { memory.put(UInt32(truncatingIfNeeded: random.awkward(ram: 8 << 20)), place + 2) }
      let count = random.below(4) == 0 ? random.below(3000) : random.below(30)
      buffers = [
        TestBuffer(address: place, count: UInt32(count)),
        TestBuffer(address: place + 4000, count: UInt32(random.below(8) == 0 ? 0 : 1), writable: true),
      ]
    }
    _ = rings[queue].add(buffers, indirectAt: table)
  }

  private func fillHeader(_ place: UInt64, _ random: inout FuzzRandom) {
    memory.put(UInt8(random.below(4)), place)
    memory.put(UInt8(random.below(8) == 0 ? random.below(256) : random.below(2)), place + 1)
    for offset in stride(from: 2, to: 12, by: 2) as StrideTo<UInt64> {
      let value = random.below(2) == 0 ? UInt64(random.below(100)) : random.awkward(ram: 1 << 16)
      memory.put(UInt16(truncatingIfNeeded: value), place + offset)
    }
  }

  private func mutateRings(_ random: inout FuzzRandom) {
    let base = TestDriver.base + UInt64(random.below(5)) * 0x10000
    let places = [
      base + UInt64(random.below(256)), base + 0x8000 + UInt64(random.below(48)),
      base + 0xa000 + UInt64(random.below(140)),
    ]
    let at = places[random.below(3)]
    let value = random.awkward(ram: 8 << 20)
    switch random.below(4) {
    case 0: memory.put(UInt8(truncatingIfNeeded: value), at)
    case 1: memory.put(UInt16(truncatingIfNeeded: value), at & ~1)
    case 2: memory.put(UInt32(truncatingIfNeeded: value), at & ~3)
    default: memory.put(value, at & ~7)
    }
  }

  private func mutateRegisters(_ random: inout FuzzRandom) {
    for _ in 0..<random.below(8) {
      let value = random.awkward(ram: 8 << 20)
      if let mmio = access as? TestMMIOAccess {
        mmio.transport.write(UInt64(random.below(0x210)) & ~3, width: .long, value: value & 0xffff_ffff)
      } else if let pci = access as? TestPCIAccess {
        let base = UInt64(pci.machine.configuration(0x10) & ~0xf)
        pci.machine.write(base + UInt64(random.below(6)) * 0x1000 + UInt64(random.below(0x44)), .long, value)
      }
    }
  }
}
