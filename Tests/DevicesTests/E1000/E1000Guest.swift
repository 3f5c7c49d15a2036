import Frames
import GuestMemory
import LinuxSystem
import Testing

@testable import Devices

/// A driver of the 82540EM at the level of registers and descriptors. What the controller's own thread does, `turn` does here.
final class E1000Guest {
  static let address = EthernetAddress([0x02, 0x4e, 0x4d, 0, 0, 7])
  static let sendRing: UInt64 = 0x1_0000
  static let receiveRing: UInt64 = 0x2_0000
  static let receiveBuffers: UInt64 = 0x10_0000
  static let sendBuffers: UInt64 = 0x30_0000
  /// Registers.
  enum R {
    static let control: UInt64 = 0x00
    static let status: UInt64 = 0x08
    static let eecd: UInt64 = 0x10
    static let eerd: UInt64 = 0x14
    static let mdic: UInt64 = 0x20
    static let icr: UInt64 = 0xc0
    static let itr: UInt64 = 0xc4
    static let ics: UInt64 = 0xc8
    static let ims: UInt64 = 0xd0
    static let imc: UInt64 = 0xd8
    static let rctl: UInt64 = 0x100
    static let tctl: UInt64 = 0x400
    static let rdbal: UInt64 = 0x2800
    static let rdlen: UInt64 = 0x2808
    static let rdh: UInt64 = 0x2810
    static let rdt: UInt64 = 0x2818
    static let rdtr: UInt64 = 0x2820
    static let radv: UInt64 = 0x282c
    static let tdbal: UInt64 = 0x3800
    static let tdlen: UInt64 = 0x3808
    static let tdh: UInt64 = 0x3810
    static let tdt: UInt64 = 0x3818
    static let mta: UInt64 = 0x5200
    static let ral: UInt64 = 0x5400
  }
  static let ringSize: UInt32 = 16

  let memory: GuestMemory
  let wire: TestWire
  let line: CountingLine
  let device: E1000
  let machine = TestPCIMachine()
  private static let base: UInt64 = 0xe000_0000
  static let ports: UInt64 = 0xc000
  var tail: UInt32 = 0

  init(_ wire: TestWire? = nil) throws {
    memory = try GuestMemory(size: 8 << 20, hugePages: false)
    let wire = try wire ?? TestWire()
    self.wire = wire
    line = CountingLine()
    device = try E1000(memory: memory, link: wire, address: Self.address, interrupt: line, line: 18)
    machine.pci.attach(device.function, device: 3)
    machine.setConfiguration(0x10, .long, UInt32(Self.base))
    machine.setConfiguration(0x18, .long, UInt32(Self.ports))
    machine.setConfiguration(0x04, .word, 7)
  }

  func read(_ register: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: machine.read(Self.base + register, .long)) }
  func write(_ register: UInt64, _ value: UInt32) { machine.write(Self.base + register, .long, UInt64(value)) }
  /// What the controller's own thread does when it wakes.
  func turn() { _ = device.locked { device.turn() } }

  /// Rings of 16 descriptors, both directions on, everything for this station and broadcasts received.
  func start(receive control: UInt32 = 1 << 15 | 1 << 26, buffers: UInt32 = 15) {
    write(R.rdbal, UInt32(Self.receiveRing))
    write(R.rdlen, Self.ringSize * 16)
    for index in 0..<UInt64(Self.ringSize) {
      memory.put(Self.receiveBuffers + index * 0x4000, Self.receiveRing + index * 16)
      memory.put(0 as UInt64, Self.receiveRing + index * 16 + 8)
    }
    write(R.rctl, control | 1 << 1)
    write(R.rdt, buffers)
    write(R.tdbal, UInt32(Self.sendRing))
    write(R.tdlen, Self.ringSize * 16)
    write(R.tctl, 1 << 1 | 1 << 3)
    tail = 0
  }

  /// Adds a descriptor to the transmit ring, unseen before `kick`.
  func add(_ first: UInt64, _ second: UInt64) {
    memory.put(first, Self.sendRing + UInt64(tail) * 16)
    memory.put(second, Self.sendRing + UInt64(tail) * 16 + 8)
    tail = (tail + 1) % Self.ringSize
  }
  func kick() { write(R.tdt, tail) }
  /// The status byte of a transmit descriptor.
  func status(_ index: UInt64) -> UInt8 { memory.get(Self.sendRing + index * 16 + 12) }

  /// Puts bytes where descriptors may name them.
  func place(_ bytes: [UInt8], at offset: UInt64 = 0) -> UInt64 {
    unsafe memory.bytes(Self.sendBuffers + offset, bytes.count).copyBytes(from: bytes)
    return Self.sendBuffers + offset
  }

  /// A received descriptor: length, status, errors.
  func received(_ index: UInt64) -> (length: Int, status: UInt8, errors: UInt8) {
    let fields: UInt64 = memory.get(Self.receiveRing + index * 16 + 8)
    return (Int(fields & 0xffff), UInt8(truncatingIfNeeded: fields >> 32), UInt8(truncatingIfNeeded: fields >> 40))
  }
  func buffer(_ index: UInt64, _ count: Int) -> [UInt8] {
    unsafe Array(memory.bytes(Self.receiveBuffers + index * 0x4000, count))
  }

  static func frame(_ count: Int, to address: EthernetAddress = address, seed: Int = 1) -> [UInt8] {
    address.bytes + [2, 0, 0, 0, 0, 9, 0x88, 0xb5] + (0..<count - 14).map { UInt8(truncatingIfNeeded: $0 &* 7 + seed) }
  }
}

/// The Internet checksum another way than the device computes it: carries are added at once, byte pair by byte pair (RFC 1071).
func referenceChecksum(_ bytes: [UInt8]) -> UInt16 {
  var sum: UInt16 = 0
  for index in stride(from: 0, to: bytes.count, by: 2) {
    let low = index + 1 < bytes.count ? bytes[index + 1] : 0
    let (partial, carry) = sum.addingReportingOverflow(UInt16(bytes[index]) << 8 | UInt16(low))
    sum = partial + (carry ? 1 : 0)
  }
  return ~sum
}
