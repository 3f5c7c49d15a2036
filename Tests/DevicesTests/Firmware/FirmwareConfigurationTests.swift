import Devices
import GuestMemory
import LinuxSystem
import Testing

/// The device as SeaBIOS and OVMF use it.
@Suite struct FirmwareConfigurationTests {
  private let memory: GuestMemory
  private let device: FirmwareConfiguration

  init() throws {
    memory = try GuestMemory(size: 2 << 20, pages: .small)
    var items = FirmwareItems()
    items.set(FirmwareItems.Selector.processors, to: 0x0102)
    items.add("etc/first", [1, 2, 3, 4, 5])
    items.add("etc/second", [0xaa])
    device = FirmwareConfiguration(items, memory: memory)
  }

  private func select(_ selector: UInt64) { device.write(0, width: .word, value: selector) }
  private func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: device.read(1, width: .byte)) }
  }

  private static func big<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (1...Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value(Value.bitWidth - 8 * $0)) }
  }

  /// Has the device do a request, and returns what it made of the control word.
  private func request(
    _ control: UInt32, _ length: UInt32, to target: UInt64, at place: UInt64 = 0x1000
  ) throws -> UInt32 {
    try memory.write(Self.big(control) + Self.big(length) + Self.big(target), at: GuestAddress(place))
    device.write(4, width: .long, value: UInt64(UInt32(place >> 32).byteSwapped))
    device.write(8, width: .long, value: UInt64(UInt32(truncatingIfNeeded: place).byteSwapped))
    return try memory.load(GuestAddress(place), as: UInt32.self).byteSwapped
  }

  private func ram(_ start: UInt64, _ count: UInt64) throws -> [UInt8] {
    try (0..<count).map { try memory.load(GuestAddress(start + $0), as: UInt8.self) }
  }

  @Test func itIsFoundByItsName() {
    select(0)
    #expect(bytes(6) == Array("QEMU".utf8) + [0, 0])
    select(1)
    #expect(bytes(4) == [3, 0, 0, 0])
    #expect(device.read(4, width: .long) == 0x554d_4551)  // "QEMU"
    #expect(device.read(8, width: .long) == 0x4746_4320)  // " CFG"
  }

  @Test func numbersAreLittleEndianAndStartAnewWhenSelected() {
    select(5)
    #expect(bytes(1) == [2])
    select(5)
    #expect(bytes(3) == [2, 1, 0])
    select(0x4444)
    #expect(bytes(2) == [0, 0])
  }

  @Test func theDirectoryNamesTheFiles() throws {
    select(0x19)
    #expect(bytes(4) == [0, 0, 0, 2])
    let (first, second) = (bytes(64), bytes(64))
    #expect(Array(first[..<8]) == [0, 0, 0, 5, 0, 0x20, 0, 0])
    #expect(Array(first[8..<18]) == Array("etc/first".utf8) + [0])
    #expect(Array(second[..<8]) == [0, 0, 0, 1, 0, 0x21, 0, 0])
    select(UInt64(second[4]) << 8 | UInt64(second[5]))
    #expect(bytes(1) == [0xaa])
  }

  @Test func aStringOfReadsTakesTheItem() {
    select(0x20)
    var target = [UInt8](repeating: 0x55, count: 7)
    unsafe target.withUnsafeMutableBytes { unsafe device.readRepeated(1, width: .byte, into: $0) }
    #expect(target == [1, 2, 3, 4, 5, 0, 0])
  }

  @Test func aRequestCopiesWhatItSelects() throws {
    try memory.write([UInt8](repeating: 0x55, count: 8), at: GuestAddress(0x2000))
    #expect(try request(0x20 << 16 | 0x0a, 7, to: 0x2000) == 0)
    #expect(try ram(0x2000, 8) == [1, 2, 3, 4, 5, 0, 0, 0x55])
  }

  @Test func requestsGoOnWhereTheLastOneEnded() throws {
    #expect(try request(0x20 << 16 | 0x08, 0, to: 0) == 0)
    #expect(try request(0x04, 2, to: 0) == 0)
    #expect(try request(0x02, 2, to: 0x2000) == 0)
    #expect(try ram(0x2000, 2) == [3, 4])
    #expect(bytes(2) == [5, 0])
    #expect(try request(0x04, .max, to: 0) == 0)
    #expect(bytes(1) == [0])
  }

  @Test(
    arguments: [
      (0x1f_fffc, 8), (0x20_0000, 1), (.max, 1), (0x2000, FirmwareConfiguration.transferLimit + 1), (0x2000, .max),
    ] as [(UInt64, UInt32)])
  func aTargetThatIsNotAllRAMIsAnError(target: UInt64, length: UInt32) throws {
    try memory.write([UInt8](repeating: 0x55, count: 4), at: GuestAddress(0x1f_fffc))
    #expect(try request(0x20 << 16 | 0x0a, length, to: target) == 1)
    #expect(try ram(0x1f_fffc, 4) == [0x55, 0x55, 0x55, 0x55])
  }

  @Test func nothingCanBeWritten() throws {
    #expect(try request(0x20 << 16 | 0x18, 1, to: 0x2000) == 1)
    select(0x20)
    #expect(bytes(1) == [1])
  }

  @Test func aRequestThatIsNotInRAMHasNoEffect() {
    for place in [0x1f_fff8, 0x20_0000, 0xffff_fffc] as [UInt64] {
      select(0x20)
      device.write(4, width: .long, value: place == 0xffff_fffc ? 0xffff_ffff : 0)
      device.write(8, width: .long, value: UInt64(UInt32(place).byteSwapped))
      #expect(bytes(1) == [1])
    }
  }

  @Test func otherWidthsAreNoAccesses() {
    select(0x20)
    device.write(0, width: .byte, value: 0)
    device.write(0, width: .long, value: 0)
    device.write(1, width: .byte, value: 9)
    #expect(device.read(1, width: .word) == 0xffff)
    #expect(device.read(0, width: .byte) == 0xff)
    #expect(bytes(1) == [1])
  }
}
