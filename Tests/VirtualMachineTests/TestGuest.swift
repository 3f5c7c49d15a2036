import ELF
import KVM
import LinuxSystem
import Synchronization
import VirtualMachine

/// Small guests: an ELF with a PVH note around bytes of 32-bit protected-mode code at 1 MiB.
enum TestGuest {
  static let start: UInt64 = 0x10_0000

  /// An executable of these bytes at an address, entered at its first byte.
  static func image(_ code: [UInt8], at address: UInt64 = start, memorySize: UInt64? = nil, hasNote: Bool = true) throws
    -> ELFImage
  {
    let codeOffset: UInt64 = 64 + 2 * 56
    let note = words(4, 4, 18) + [0x58, 0x65, 0x6e, 0] + words(UInt32(truncatingIfNeeded: address))
    var bytes: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
    bytes += halves(2, 62) + words(1) + quads(address, 64, 0) + words(0) + halves(64, 56, hasNote ? 2 : 1, 0, 0, 0)
    bytes +=
      words(1, 7) + quads(codeOffset, address, address, UInt64(code.count), memorySize ?? UInt64(code.count), 4096)
    bytes += words(4, 4) + quads(codeOffset + UInt64(code.count), 0, 0, UInt64(note.count), UInt64(note.count), 4)
    return try ELFImage(bytes + code + note, name: "guest")
  }

  /// A machine that is loaded with the code, and what its guest sends.
  static func machine(
    _ code: [UInt8], vcpus: Int = 1, exitDelay: UInt64 = 0, serial: @escaping (UInt8) -> Void = { _ in },
    marker: @escaping (UInt32) -> Void = { _ in }
  ) throws -> Machine {
    let configuration = MachineConfiguration(
      memory: 4 << 20, pages: .small, vcpuCPUs: [Int?](repeating: nil, count: vcpus), exitDelay: exitDelay)
    let machine = try Machine(try System(), configuration, serial: serial, marker: marker)
    try machine.load(image(code), name: "guest", commandLine: "", module: nil)
    return machine
  }

  /// A deadline that a guest that ends never meets.
  static var patience: UInt64 { MonotonicClock.now + 20_000_000_000 }

  static func halves(_ values: UInt16...) -> [UInt8] { values.flatMap(little) }
  static func words(_ values: UInt32...) -> [UInt8] { values.flatMap(little) }
  static func quads(_ values: UInt64...) -> [UInt8] { values.flatMap(little) }

  private static func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T(8 * $0)) }
  }
}
