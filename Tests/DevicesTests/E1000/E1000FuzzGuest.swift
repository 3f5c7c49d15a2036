import Frames
import Glibc
import GuestMemory
import Testing

@testable import Devices

/// A driver that mistreats the e1000.
final class E1000FuzzGuest {
  let memory: GuestMemory
  let wire: FuzzWire
  let device: E1000
  private let machine = TestPCIMachine()
  private static let base: UInt64 = 0xe000_0000
  private static let ram: UInt64 = 8 << 20
  private static let rings: [UInt64] = [0x2800, 0x3800]
  private static let registers: [UInt64] = [
    0x00, 0x10, 0x14, 0x20, 0xc0, 0xc4, 0xc8, 0xd0, 0xd8, 0x100, 0x400, 0x2820, 0x282c, 0x3820, 0x382c, 0x4074, 0x408c,
    0x5000, 0x5200, 0x5400, 0x5404, 0x547c, 0x5600,
  ]

  init(_ wire: FuzzWire) throws {
    memory = try GuestMemory(size: Self.ram, hugePages: false)
    self.wire = wire
    let line = CountingLine()
    let address = EthernetAddress([2, 0, 0, 0, 0, 1])
    device = try E1000(memory: memory, link: wire, address: address, interrupt: line, line: 18)
    machine.pci.attach(device.function, device: 3)
    machine.setConfiguration(0x10, .long, UInt32(Self.base))
    machine.setConfiguration(0x18, .long, 0xc000)
    machine.setConfiguration(0x04, .word, 7)
  }

  private func read(_ register: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: machine.read(Self.base + register, .long))
  }
  private func write(_ register: UInt64, _ value: UInt64) {
    machine.write(Self.base + register, .long, value & 0xffff_ffff)
  }

  /// One life of a controller: set up mostly well, then mistreated, then shown to be sane.
  func round(_ random: inout FuzzRandom) throws {
    wire.isQuiet = false
    for (index, ring) in Self.rings.enumerated() {
      write(ring, 0x10_0000 + UInt64(index) * 0x10_0000)
      write(ring + 8, UInt64(random.below(64) + 1) * 128)
    }
    write(0x100, 2 | 1 << 3 | 1 << 4 | 1 << 15 | random.next() & 0x0603_3320)
    write(0x400, 2 | random.next() & 8)
    for _ in 0..<random.below(40) + 1 {
      for _ in 0..<random.below(20) { writeDescriptor(&random) }
      for ring in Self.rings where random.below(3) != 0 { write(ring + 0x18, UInt64(random.below(520))) }
      if random.below(4) == 0 { mutate(&random) }
      if random.below(2) == 0 { _ = read(Self.registers[random.below(Self.registers.count)]) }
      // Sometimes the other thread has time to work on it, sometimes the next blow falls meanwhile.
      if random.below(4) == 0 { usleep(50) }
    }
    machine.setConfiguration(0x04, .word, 7)
    wire.isQuiet = true
    write(0x00, 1 << 26)
    try #require(read(0x00) & 1 << 26 == 0)
    try sendOne(UInt8(truncatingIfNeeded: random.next()))
  }

  private func sendOne(_ seed: UInt8) throws {
    let frame = NetGuest.frame(60, seed: seed)
    unsafe memory.bytes(0x41_0000, 60).copyBytes(from: frame)
    memory.put(0x41_0000 as UInt64, 0x20_0000)
    memory.put(60 | 0x09 << 24 as UInt64, 0x20_0008)
    write(0x3800, 0x20_0000)
    write(0x3804, 0)
    write(0x3808, 128)
    write(0x400, 2)
    write(0x3818, 1)
    try #require(wire.last == frame)
    let status: UInt8 = memory.get(0x20_000c)
    try #require(status & 1 == 1)
  }

  /// A descriptor of either ring, good in most of its parts: legacy, data, context; with contexts that lie.
  private func writeDescriptor(_ random: inout FuzzRandom) {
    let place = 0x10_0000 + UInt64(random.below(2)) * 0x10_0000 + UInt64(random.below(512)) * 16
    let buffer = random.below(8) == 0 ? random.awkward(ram: Self.ram) : 0x40_0000 + UInt64(random.below(0x30_0000))
    let length: UInt64
    switch random.below(5) {
    case 0: length = UInt64(random.below(64))
    case 1: length = random.next() & 0xf_ffff
    default: length = UInt64(random.below(1600))
    }
    switch random.below(4) {
    case 0: put(place, buffer, length & 0xffff | (random.next() & 0xff_00ff) << 16 & ~(1 << 29) | random.next() << 40)
    case 1:
      let sane: UInt64 = 14 | 24 << 8 | 33 << 16 | 34 << 32 | 50 << 40
      let first = random.below(3) == 0 ? random.next() : sane
      let segment = random.below(3) == 0 ? UInt64(random.below(4)) : UInt64(random.below(2000))
      let header = random.below(3) == 0 ? UInt64(random.below(256)) : 54
      put(place, first, length | 1 << 29 | (random.next() & 0x0f) << 24 | header << 40 | segment << 48)
    case 2: put(place, buffer, length | 1 << 29 | 1 << 20 | (random.next() & 0x8f) << 24 | (random.next() & 3) << 40)
    default: put(place, random.next(), random.next())
    }
  }

  private func put(_ place: UInt64, _ first: UInt64, _ second: UInt64) {
    memory.put(first, place)
    memory.put(second, place + 8)
  }

  private func mutate(_ random: inout FuzzRandom) {
    for _ in 0..<random.below(6) {
      let value = random.awkward(ram: Self.ram)
      switch random.below(6) {
      case 0: write(Self.rings[random.below(2)] + UInt64(random.below(8)) * 4, value)
      case 1: write(UInt64(random.below(0x8000)) * 4, value)
      case 2: machine.write(Self.base + UInt64(random.below(0x20000)), .byte, value & 0xff)
      case 3:
        machine.write(0xc000, .long, value & 0xffff_ffff)
        machine.write(0xc004, .long, random.next() & 0xffff_ffff)
      case 4: machine.setConfiguration(0x04, .word, UInt32(value & 0x407 | 2))
      default: write(Self.registers[random.below(Self.registers.count)], value)
      }
    }
  }
}
