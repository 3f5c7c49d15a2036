import Devices
import GuestMemory
import LinuxSystem
import Testing

/// Any access to any of a PC's own devices, in any order: nothing traps, nothing grows, and they still work after it.
@Suite struct PlatformFuzzTests {
  /// All of them on one bus, as a machine has them.
  final class Machine {
    var ports = Bus()
    let serial: SerialPort
    let tally = Tally()
    let memory: GuestMemory
    let wire: any InterruptLine

    init() throws {
      let (line, tally) = (CountingLine(), tally)
      memory = try GuestMemory(size: 2 << 20, pages: .small)
      var items = FirmwareItems()
      items.set(FirmwareItems.Selector.processors, to: 2)
      for (index, count) in [0, 1, 4096].enumerated() { items.add("file\(index)", [UInt8](repeating: 7, count: count)) }
      let router = InterruptRouter([any InterruptLine](repeating: line, count: 16))
      wire = router.line(beside: line, device: 2)
      serial = SerialPort(interrupt: line) { _ in tally.sent += 1 }
      let keyboard = KeyboardController(interrupt: line) { tally.resets += 1 }
      let power = PowerManagement(offType: 5, now: { 1 << 40 }, powerOff: { tally.offs += 1 })
      try ports.attach(keyboard.data, name: "keyboard data", at: 0x60..<0x61)
      try ports.attach(keyboard.command, name: "keyboard command", at: 0x64..<0x65)
      try ports.attach(
        RealTimeClock(memory: 5 << 30, now: { 1_700_000_000_999_000_000 }), name: "clock", at: 0x70..<0x72)
      try ports.attach(serial, name: "COM1", at: 0x3f8..<0x400)
      try ports.attach(power, name: "power", at: 0x600..<0x610)
      try ports.attach(SystemControlPort { tally.resets += 1 }, name: "system control", at: 0x92..<0x93)
      try ports.attach(
        FirmwareConfiguration(items, memory: memory), name: "firmware configuration", at: FirmwareConfiguration.ports)
      // Both are in configuration space, which has no ports of its own.
      try ports.attach(AttributeMap { _, _ in tally.changes += 1 }, name: "attributes", at: 0x1000..<0x1007)
      try ports.attach(router, name: "router", at: 0x1010..<0x1014)
    }

    /// A request to the firmware's device, of any kind and most often in RAM.
    func request(_ random: inout FuzzRandom) {
      let place = random.next() % (3 << 20)
      let fields = [
        (random.next() % 0x30) << 16 | random.next() % 0x20, random.next() % 5000,
        random.next() % (3 << 20),
      ]
      let control = UInt32(truncatingIfNeeded: fields[0]).byteSwapped
      try? memory.store(control, at: GuestAddress(place))
      try? memory.store(UInt32(truncatingIfNeeded: fields[1]).byteSwapped, at: GuestAddress(place + 4))
      try? memory.store(fields[2].byteSwapped, at: GuestAddress(place + 8))
      ports.write(0x514, width: .long, value: 0)
      ports.write(0x518, width: .long, value: UInt64(UInt32(place).byteSwapped))
    }
  }

  /// What came of it.
  final class Tally {
    var sent = 0
    var resets = 0
    var offs = 0
    var changes = 0
  }

  private static let places: [Range<UInt64>] = [
    0x60..<0x61, 0x64..<0x65, 0x70..<0x72, 0x92..<0x93, 0x3f8..<0x400, FirmwareConfiguration.ports, 0x600..<0x610,
    0x1000..<0x1007, 0x1010..<0x1014,
  ]
  private static let widths: [AccessWidth] = [.byte, .word, .long, .quad]

  /// One access, or bytes from outside.
  func step(_ machine: Machine, _ random: inout FuzzRandom) {
    let place = Self.places[Int(random.next() % UInt64(Self.places.count))]
    let port = place.lowerBound + random.next() % (place.upperBound - place.lowerBound)
    let width = Self.widths[Int(random.next() % 4)]
    switch random.next() % 10 {
    case 0: _ = machine.serial.receive([UInt8](repeating: 0x41, count: Int(random.next() % 5000)))
    case 8: machine.request(&random)
    case 9: if random.next() % 2 == 0 { machine.wire.pulse() } else { machine.wire.lower() }
    case 1, 2, 3: _ = machine.ports.read(port, width: width)
    default: machine.ports.write(port, width: width, value: random.next())
    }
  }

  /// They do what they are for.
  func check(_ machine: Machine) throws {
    let ports = machine.ports
    ports.write(0x3fb, width: .byte, value: 3)
    ports.write(0x3fc, width: .byte, value: 0x0b)
    ports.write(0x3fa, width: .byte, value: 0x07)
    let sent = machine.tally.sent
    ports.write(0x3f8, width: .byte, value: 0x41)
    try #require(machine.tally.sent == sent + 1)
    try #require(machine.serial.receive([0x42]) == 1)
    try #require(ports.read(0x3f8, width: .byte) == 0x42)
    let resets = machine.tally.resets
    ports.write(0x64, width: .byte, value: 0xfe)
    try #require(machine.tally.resets == resets + 1)
    let offs = machine.tally.offs
    ports.write(0x604, width: .word, value: 5 << 10 | 1 << 13)
    try #require(machine.tally.offs == offs + 1)
    ports.write(0x70, width: .byte, value: 0x0d)
    try #require(ports.read(0x71, width: .byte) == 0x80)
    ports.write(0x510, width: .word, value: 0)
    try #require("QEMU".utf8.allSatisfy { ports.read(0x511, width: .byte) == UInt64($0) })
    for value in [0, 0x33] as [UInt64] { ports.write(0x1001, width: .byte, value: value) }
    let changes = machine.tally.changes
    ports.write(0x1001, width: .byte, value: 0x03)
    try #require(machine.tally.changes == changes + 1)
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func anyAccessesLeaveThemWorking(seed: UInt64) throws {
    let machine = try Machine()
    var random = FuzzRandom(seed: seed)
    for _ in 0..<20_000 { step(machine, &random) }
    try check(machine)
  }
}
