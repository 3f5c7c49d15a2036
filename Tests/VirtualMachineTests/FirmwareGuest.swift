import KVM
import LinuxSystem

@testable import VirtualMachine

/// Firmware of 64 KiB: real-mode code at the start of its segment, which the processor reaches without leaving the ROM at the end of the
/// first 4 GiB.
enum FirmwareGuest {
  /// What every byte is that is no code.
  static let filler: UInt8 = 0x77

  /// - Parameter isLow: whether it goes on in the copy below 1 MiB, by a far jump.
  static func image(_ code: [UInt8], isLow: Bool = false) throws -> FirmwareImage {
    var bytes = code + [UInt8](repeating: filler, count: (64 << 10) - code.count)
    let start: [UInt8] = isLow ? [0xea, 0, 0, 0, 0xf0] : [0xe9, 0x0d, 0]  // jmp 0xf000:0; jmp 0
    bytes.replaceSubrange(0xfff0..<0xfff0 + start.count, with: start)
    return try FirmwareImage(bytes, name: "firmware")
  }

  static func machine(
    _ code: [UInt8], isLow: Bool = false, _ change: (inout MachineConfiguration) -> Void = { _ in }
  ) throws -> Machine {
    var configuration = MachineConfiguration(memory: 4 << 20, pages: .small, platform: .pc)
    configuration.firmware = try image(code, isLow: isLow)
    change(&configuration)
    return try Machine(try System(), configuration, serial: { _ in })
  }

  /// out 0xf4, al; and no further
  static let exit: [UInt8] = [0xe6, 0xf4, 0xeb, 0xfe]

  /// mov dx, PORT; mov al, VALUE; out dx, al
  static func outByte(_ port: UInt16, _ value: UInt8) -> [UInt8] {
    [0xba] + TestGuest.halves(port) + [0xb0, value, 0xee]
  }

  /// mov dx, PORT; mov ax, VALUE; out dx, ax
  static func outWord(_ port: UInt16, _ value: UInt16) -> [UInt8] {
    [0xba] + TestGuest.halves(port) + [0xb8] + TestGuest.halves(value) + [0xef]
  }

  /// mov dx, PORT; in al, dx
  static func inByte(_ port: UInt16) -> [UInt8] { [0xba] + TestGuest.halves(port) + [0xec] }

  /// Selects a register of configuration space, whose lowest byte is then at port 0xcfc: mov dx, 0xcf8; mov eax, PLACE; out dx, eax
  static func selectRegister(device: UInt32 = 0, function: UInt32 = 0, _ register: UInt32) -> [UInt8] {
    let place = 0x8000_0000 | device << 11 | function << 8 | register & 0xfc
    return [0xba, 0xf8, 0x0c, 0x66, 0xb8] + TestGuest.words(place) + [0x66, 0xef]
  }

  /// Sets a byte of the host bridge's.
  static func setBridge(_ register: UInt32, _ value: UInt8) -> [UInt8] {
    selectRegister(register) + outByte(0xcfc + UInt16(register & 3), value)
  }

  /// mov ax, SEGMENT; mov ds, ax; mov byte [OFFSET], VALUE
  static func store(_ segment: UInt16, _ offset: UInt16, _ value: UInt8) -> [UInt8] {
    [0xb8] + TestGuest.halves(segment) + [0x8e, 0xd8, 0xc6, 0x06] + TestGuest.halves(offset) + [value]
  }

  /// mov ax, SEGMENT; mov ds, ax; mov al, [OFFSET]
  static func load(_ segment: UInt16, _ offset: UInt16) -> [UInt8] {
    [0xb8] + TestGuest.halves(segment) + [0x8e, 0xd8, 0xa0] + TestGuest.halves(offset)
  }
}
