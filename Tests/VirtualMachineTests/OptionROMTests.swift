import Testing

@testable import VirtualMachine

@Suite struct OptionROMTests {
  /// A ROM of 1 KiB for a device.
  private static func rom(_ vendor: UInt16, _ device: UInt16, data: Int = 0x40) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1024)
    bytes.replaceSubrange(0..<3, with: [0x55, 0xaa, 2])
    bytes.replaceSubrange(0x18..<0x1a, with: [UInt8(data & 0xff), UInt8(data >> 8)])
    bytes.replaceSubrange(
      data..<data + 8,
      with: Array("PCIR".utf8) + [vendor, device].flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] })
    return bytes
  }

  @Test func itSaysWhichDeviceItIsFor() throws {
    let rom = try OptionROM(Self.rom(0x1af4, 0x1041), name: "f")
    #expect(rom.fileName == "pci1af4,1041.rom" && rom.bytes.count == 1024)
    #expect(try OptionROM(Self.rom(0x00ff, 0x0a01), name: "f").fileName == "pci00ff,0a01.rom")
  }

  @Test func itsDataMayBeAtItsEnd() throws {
    #expect(try OptionROM(Self.rom(1, 2, data: 1016), name: "f").fileName == "pci0001,0002.rom")
  }

  @Test func anInterfaceBootsByARomOfItsOwnKindAlone() throws {
    let virtio = try OptionROM(Self.rom(0x1af4, 0x1041), name: "virtio.rom")
    var nic = NetConfiguration(vhost: -1)
    var e1000 = nic
    e1000.attachment = .e1000
    #expect(
      throws: FirmwareError.otherDevice("virtio.rom", rom: "1af4:1041", interface: "8086:100e")
    ) { try e1000.boot(by: virtio) }
    #expect(e1000.optionROM == nil)
    try nic.boot(by: virtio)
    #expect(nic.optionROM?.fileName == "pci1af4,1041.rom")
  }

  private static func changed(_ change: (inout [UInt8]) -> Void) -> [UInt8] {
    var bytes = rom(1, 2)
    change(&bytes)
    return bytes
  }

  @Test(arguments: [
    [], [0x55, 0xaa], [UInt8](repeating: 0, count: 1024),
    changed { $0[1] = 0xab }, changed { $0[2] = 3 }, changed { $0[0x18] = 0x41 },
    changed { $0.replaceSubrange(0x18..<0x1a, with: [0xff, 0xff]) },
    changed { $0.replaceSubrange(0x18..<0x1a, with: [0xf9, 0x03]) }, changed { $0.removeLast() },
    changed { $0 += [UInt8](repeating: 0, count: OptionROM.most) },
  ])
  func whatIsNoneIsRefused(bytes: [UInt8]) {
    #expect(throws: FirmwareError.noOptionROM("f")) { try OptionROM(bytes, name: "f") }
  }
}
