import Devices
import Glibc
import GuestMemory
import LinuxSystem
import Storage
import Testing

/// Random and mutated bytes on every register and ring of virtio-blk, for a bounded time, from a seed that a failure names.
///
/// `NEARMETAL_FUZZ_SECONDS` sets the time of each case, two by default; `NEARMETAL_FUZZ_SEED` repeats a run's decisions. The
/// guest's RAM stands between pages that may not be touched, so that a stray access by the device is a crash; an engine checks
/// what reaches the disk; every round ends by a reset and a request that must work, so that a hang is seen.
@Suite(.serialized) struct VirtioBlockFuzzTests {
  static let environment = ProcessEnvironment()

  struct Target: Sendable, CustomStringConvertible {
    var transport: String
    var packed: Bool
    var polled: Bool
    var description: String { "\(transport), \(packed ? "packed" : "split"), \(polled ? "polled" : "notified")" }
  }

  static let targets = ["mmio", "pci"].flatMap { transport in
    [false, true].flatMap { packed in
      [false, true].map { Target(transport: transport, packed: packed, polled: $0) }
    }
  }

  @Test(arguments: targets)
  func nothingThatAGuestWritesCrashesHangsOrLeavesItsMemory(target: Target) throws {
    let seed = Self.environment.number("NEARMETAL_FUZZ_SEED") ?? UInt64.random(in: 1..<1 << 32)
    let seconds = Self.environment.number("NEARMETAL_FUZZ_SECONDS") ?? 2
    var random = FuzzRandom(seed: seed)
    let guest = try BlockGuest(disk: BlockDisk(capacity: 1 << 20), options: BlockOptions(queues: 2, queueSize: 16)) {
      device in
      if target.transport == "pci" { return try TestPCIAccess(device) }
      return try TestMMIOAccess(device)
    }
    let findings = FuzzFindings()
    let memory = guest.memory
    let policy = PollingPolicy(eagerLooks: 50, patientLooks: 50)
    let service = try TestService(guest.device, mode: target.polled ? .polled(policy) : .notified) {
      try FuzzEngine(findings, memory, seed: seed)
    }
    defer { service.end() }
    let end = time(nil) + Int(seconds)
    var rounds = 0
    repeat {
      try round(guest, target, &random)
      rounds += 1
      try #require(findings.failure == nil, "seed \(seed), round \(rounds)")
    } while time(nil) < end
    #expect(rounds > 0 && findings.requests > rounds)
  }

  /// One life of a device: set up mostly well, then mistreated, then shown to be sane.
  func round(_ guest: BlockGuest, _ target: Target, _ random: inout FuzzRandom) throws {
    var features: VirtioFeatures = [.version1]
    for feature in [.eventIndex, .indirectDescriptors, .blockFlush, .blockDiscard, .blockWriteZeroes]
      as [VirtioFeatures]
    where random.below(4) != 0 {
      features.insert(feature)
    }
    if target.packed { features.insert(.packedRing) }
    try guest.start(features, queues: 2)
    for _ in 0..<random.below(20) + 1 {
      let count = random.below(12)
      for _ in 0..<count { addRequest(guest, &random) }
      if random.below(3) == 0 { for _ in 0..<random.below(6) { mutateRings(guest, &random) } }
      guest.kick(random.below(2))
      for ring in guest.rings { for _ in 0..<16 where ring.take() == nil { break } }
      if random.below(6) == 0 { mutateRegisters(guest, &random) }
      // Sometimes the device has time to work on it, sometimes the next blow falls meanwhile.
      if random.below(2) == 0 { usleep(50) }
      if random.below(40) == 0 { guest.access.status = 0 }
    }
    guest.access.status = 0
    try #require(guest.access.status == 0)
    try guest.start(target.packed ? [.version1, .packedRing] : [.version1])
    let status = try guest.run(0, sector: 0, [TestBuffer(address: 0x40_0000, count: 512, writable: true)])
    try #require(status == 0 || status == 1)
  }

  /// A request that is good in most of its parts; rings take six, so that none is overfilled before it is mutated.
  private func addRequest(_ guest: BlockGuest, _ random: inout FuzzRandom) {
    guard guest.canAdd else { return }
    let types: [UInt32] = [0, 0, 0, 1, 1, 4, 8, 11, 13, 77]
    let type = types[random.below(types.count)]
    var data = [TestBuffer]()
    for _ in 0..<random.below(3) {
      let address = 0x40_0000 + UInt64(random.below(0x3f_0000))
      let count = random.below(4) == 0 ? random.below(2000) : random.below(8) * 512
      data.append(TestBuffer(address: address, count: UInt32(count), writable: type == 0 || type == 8))
    }
    let sector = random.below(3) == 0 ? random.awkward(ram: 8 << 20) : UInt64(random.below(2048))
    _ = guest.add(type, sector: sector, data, queue: random.below(2), indirect: random.below(3) == 0)
  }

  private func mutateRings(_ guest: BlockGuest, _ random: inout FuzzRandom) {
    let base = BlockGuest.base + UInt64(random.below(2)) * 0x10000
    let places = [
      base + UInt64(random.below(256)), base + 0x8000 + UInt64(random.below(48)),
      base + 0xa000 + UInt64(random.below(140)),
    ]
    let at = random.below(5) == 0 ? 0x1000 + UInt64(random.below(0xe000)) : places[random.below(3)]
    let value = random.awkward(ram: 8 << 20)
    switch random.below(4) {
    case 0: guest.memory.put(UInt8(truncatingIfNeeded: value), at)
    case 1: guest.memory.put(UInt16(truncatingIfNeeded: value), at & ~1)
    case 2: guest.memory.put(UInt32(truncatingIfNeeded: value), at & ~3)
    default: guest.memory.put(value, at & ~7)
    }
  }

  private func mutateRegisters(_ guest: BlockGuest, _ random: inout FuzzRandom) {
    let widths: [AccessWidth] = [.byte, .word, .long, .quad]
    for _ in 0..<random.below(8) {
      let width = random.below(3) == 0 ? widths[random.below(4)] : .long
      let value = random.awkward(ram: 8 << 20)
      if let mmio = guest.access as? TestMMIOAccess {
        let offset = UInt64(random.below(0x210))
        if random.below(2) == 0 { _ = mmio.transport.read(offset, width: width) }
        mmio.transport.write(offset & ~3, width: width, value: value & width.mask)
      } else if let pci = guest.access as? TestPCIAccess {
        mutate(pci, width, value, &random)
      }
    }
  }

  private func mutate(_ pci: TestPCIAccess, _ width: AccessWidth, _ value: UInt64, _ random: inout FuzzRandom) {
    let base = UInt64(pci.machine.configuration(0x10) & ~0xf)
    let regions: [UInt64] = [0, 0x1000, 0x2000, 0x3000, 0x4000, 0x5000]
    let offset = regions[random.below(6)] + UInt64(random.below(0x44))
    switch random.below(6) {
    case 0: _ = pci.machine.read(base + offset, width)
    // Past the header, so that the region stays where the driver found it.
    case 1: pci.machine.setConfiguration(UInt8(0x40 + random.below(0xbc)), width, UInt32(truncatingIfNeeded: value))
    case 2: _ = pci.machine.configuration(UInt8(random.below(0xfc)), width)
    default: pci.machine.write(base + offset, width, value & width.mask)
    }
  }
}
