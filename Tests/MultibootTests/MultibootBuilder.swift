import Multiboot

/// Assembles Multiboot kernels field by field, also wrong ones: code behind a header, alone or in a 32-bit ELF file.
struct MultibootBuilder {
  /// A header's five addresses.
  struct Addresses {
    var header: UInt32 = 0x10_0000
    var load: UInt32 = 0x10_0000
    var loadEnd: UInt32 = 0
    var zeroEnd: UInt32 = 0
    var entry: UInt32 = 0x10_0020
  }

  /// An ELF file's one segment and its entry.
  struct Segment {
    var virtual: UInt32 = 0x10_0000
    var physical: UInt32 = 0x10_0000
    var fileSize: UInt32?
    var memorySize: UInt32?
    var entry: UInt32 = 0x10_000c
    var count = 1
  }

  var flags: UInt32 = 3
  var magic: UInt32 = 0x1bad_b002
  var checksum: UInt32?
  /// Bytes before the header.
  var padding = 0
  /// nil leaves the file's own headers to say it.
  var addresses: Addresses?
  /// nil makes no ELF file.
  var segment: Segment?
  var code: [UInt8] = [0xf4, 0xeb, 0xfd]

  static var withAddresses: MultibootBuilder { MultibootBuilder(addresses: Addresses()) }
  static var inELF: MultibootBuilder { MultibootBuilder(segment: Segment()) }

  var bytes: [UInt8] {
    let flags = flags | (addresses == nil ? 0 : 1 << 16)
    var content = [UInt8](repeating: 0, count: padding) + little(magic) + little(flags)
    content += little(checksum ?? 0 &- magic &- flags)
    if let addresses {
      for field in [addresses.header, addresses.load, addresses.loadEnd, addresses.zeroEnd, addresses.entry] {
        content += little(field)
      }
    }
    content += code
    guard let segment else { return content }
    var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1] + [UInt8](repeating: 0, count: 9)
    let start = UInt32(52 + 32 * segment.count)
    file += little(UInt16(2)) + little(UInt16(3)) + little(UInt32(1)) + little(segment.entry) + little(UInt32(52))
    file += little(UInt32(0)) + little(UInt32(0)) + little(UInt16(52)) + little(UInt16(32))
    file += little(UInt16(segment.count)) + [UInt8](repeating: 0, count: 6)
    for _ in 0..<segment.count {
      let size = segment.fileSize ?? UInt32(content.count)
      for field in [1, start, segment.virtual, segment.physical, size, segment.memorySize ?? size, 7, 4096] {
        file += little(UInt32(field))
      }
    }
    return file + content
  }

  private func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T(8 * $0)) }
  }
}
