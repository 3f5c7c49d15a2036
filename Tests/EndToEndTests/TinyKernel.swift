import Foundation

/// Files that `nearmetal boot` takes or refuses.
enum TinyKernel {
  /// An ELF file with a PVH note around bytes of 32-bit protected-mode code, which lie and are entered at 1 MiB.
  static func pvh(_ code: [UInt8]) -> Data {
    let start: UInt64 = 0x10_0000
    let codeOffset: UInt64 = 64 + 2 * 56
    let note = words(4, 4, 18) + [0x58, 0x65, 0x6e, 0] + words(UInt32(start))
    var bytes: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
    bytes += halves(2, 62) + words(1) + quads(start, 64, 0) + words(0) + halves(64, 56, 2, 0, 0, 0)
    bytes += words(1, 7) + quads(codeOffset, start, start, UInt64(code.count), UInt64(code.count), 4096)
    bytes += words(4, 4) + quads(codeOffset + UInt64(code.count), 0, 0, UInt64(note.count), UInt64(note.count), 4)
    return Data(bytes + code + note)
  }

  /// A Multiboot kernel around such code: a 32-bit ELF file, whose one segment begins with the header.
  /// - Parameter flags: of the header.
  static func multiboot(_ code: [UInt8], flags: UInt32 = 3, start: UInt32 = 0x10_0000) -> Data {
    let magic: UInt32 = 0x1bad_b002
    let content = words(magic, flags, 0 &- magic &- flags) + code
    let size = UInt32(content.count)
    var bytes: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1] + [UInt8](repeating: 0, count: 9)
    bytes += halves(2, 3) + words(1, start + 12, 52, 0, 0) + halves(52, 32, 1, 0, 0, 0)
    bytes += words(1, 84, start, start, size, size, 7, 4096)
    return Data(bytes + content)
  }

  /// Sends the command line of a Multiboot kernel on COM1: mov esi, [ebx + 16]; mov dx, 0x3f8; again: mov al, [esi]; test al, al; jz end;
  /// out dx, al; inc esi; jmp again.
  static let sayCommandLine: [UInt8] = [
    0x8b, 0x73, 16, 0x66, 0xba, 0xf8, 0x03, 0x8a, 0x06, 0x84, 0xc0, 0x74, 0x04, 0xee, 0x46, 0xeb, 0xf6,
  ]

  /// A bzImage's header and nothing that would run: boot protocol 2.15, to be at 16 MiB.
  /// - Parameter features: `xloadflags`; bit 0 says that there is a 64-bit entry.
  static func linux(features: UInt16) -> Data {
    var file = [UInt8](repeating: 0, count: 0x2000)
    func put(_ bytes: [UInt8], _ offset: Int) { file.replaceSubrange(offset..<offset + bytes.count, with: bytes) }
    put([1], 0x1f1)
    put([0x55, 0xaa, 0xeb, 0x6a] + Array("HdrS".utf8) + halves(0x020f), 0x1fe)
    put([1], 0x211)
    put(words(0x7fff_ffff, 0x20_0000), 0x22c)
    put(halves(features), 0x236)
    put(words(0x7ff), 0x238)
    put(quads(0x100_0000) + words(0x40_0000), 0x258)
    return Data(file)
  }

  /// Sends a text on COM1: mov dx, 0x3f8; for each byte mov al, BYTE; out dx, al.
  static func say(_ text: String) -> [UInt8] { [0x66, 0xba] + halves(0x3f8) + text.utf8.flatMap { [0xb0, $0, 0xee] } }

  /// Turns the machine off: mov dx, 0x604; mov ax, 0x3400; out dx, ax.
  static let powerOff: [UInt8] = [0x66, 0xba] + halves(0x604) + [0x66, 0xb8] + halves(0x3400) + [0x66, 0xef] + spin
  static let spin: [UInt8] = [0xeb, 0xfe]
  static let undefined: [UInt8] = [0x0f, 0x0b]
  /// mov al, VALUE; out 0xf4, al
  static func exit(_ value: UInt8) -> [UInt8] { [0xb0, value, 0xe6, 0xf4] + spin }
  /// mov dx, 0x3f8; mov al, 'x'; again: out dx, al; jmp again
  static let flood: [UInt8] = [0x66, 0xba] + halves(0x3f8) + [0xb0, 0x78, 0xee, 0xeb, 0xfd]

  private static func halves(_ values: UInt16...) -> [UInt8] { values.flatMap(little) }
  private static func words(_ values: UInt32...) -> [UInt8] { values.flatMap(little) }
  private static func quads(_ values: UInt64...) -> [UInt8] { values.flatMap(little) }

  private static func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T(8 * $0)) }
  }
}
