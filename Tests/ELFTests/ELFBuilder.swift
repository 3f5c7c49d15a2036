/// Assembles ELF64 executables field by field, also wrong ones.
struct ELFBuilder {
  struct Segment {
    var type: UInt32 = 1
    var flags: UInt32 = 5
    var offset: UInt64
    var virtual: UInt64
    var physical: UInt64
    var fileSize: UInt64
    var memorySize: UInt64
  }

  var type: UInt16 = 2
  var machine: UInt16 = 62
  var entry: UInt64 = 0x10_0000
  var tableOffset: UInt64 = 64
  var entrySize: UInt16 = 56
  var count: UInt16?
  var segments: [Segment] = []
  /// What follows the headers.
  var content: [UInt8] = []

  /// Where `content` begins.
  var contentOffset: UInt64 { 64 + 56 * UInt64(segments.count) }

  /// One segment of four bytes at 1 MiB, with a PVH note.
  static func small() -> ELFBuilder {
    var builder = ELFBuilder()
    let start: UInt64 = 64 + 2 * 56
    builder.content =
      [0xf4, 0xeb, 0xfd, 0x90] + note(name: [0x58, 0x65, 0x6e, 0], type: 18, descriptor: [0, 0, 0x10, 0])
    builder.segments = [
      Segment(offset: start, virtual: 0x10_0000, physical: 0x10_0000, fileSize: 4, memorySize: 8192),
      Segment(type: 4, flags: 4, offset: start + 4, virtual: 0, physical: 0, fileSize: 20, memorySize: 20),
    ]
    return builder
  }

  static func note(name: [UInt8], type: UInt32, descriptor: [UInt8]) -> [UInt8] {
    func padded(_ bytes: [UInt8]) -> [UInt8] { bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4) }
    return little(UInt32(name.count)) + little(UInt32(descriptor.count)) + little(type) + padded(name)
      + padded(descriptor)
  }

  var bytes: [UInt8] {
    var all: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    all += Self.little(type) + Self.little(machine) + Self.little(UInt32(1)) + Self.little(entry)
    all += Self.little(tableOffset) + Self.little(UInt64(0)) + Self.little(UInt32(0)) + Self.little(UInt16(64))
    all += Self.little(entrySize) + Self.little(count ?? UInt16(segments.count)) + [UInt8](repeating: 0, count: 6)
    for segment in segments {
      all += Self.little(segment.type) + Self.little(segment.flags) + Self.little(segment.offset)
      all += Self.little(segment.virtual) + Self.little(segment.physical) + Self.little(segment.fileSize)
      all += Self.little(segment.memorySize) + Self.little(UInt64(4096))
    }
    return all + content
  }

  private static func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T(8 * $0)) }
  }
}
