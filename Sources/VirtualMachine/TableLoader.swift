import ACPI

/// A list of commands by which firmware puts tables into memory and has them point to each other (QEMU,
/// hw/acpi/bios-linker-loader.c): entries of 128 bytes, numbers little-endian.
struct TableLoader {
  /// Where a file is put.
  enum Zone: UInt8 {
    case high = 1
    /// Where the search for tables looks, below 1 MiB.
    case searched = 2
  }

  private enum Command {
    static let allocate: UInt32 = 1
    static let addPointer: UInt32 = 2
    static let addChecksum: UInt32 = 3
  }

  private static let entrySize = 128
  private static let nameSize = 56

  private(set) var bytes: [UInt8] = []

  /// Loads a file.
  mutating func allocate(_ file: String, alignment: UInt32, _ zone: Zone) {
    append(Command.allocate, Self.name(file) + alignment.littleEndianBytes + [zone.rawValue])
  }

  /// Adds the address of a file to what is at a place in another.
  mutating func addPointer(to file: String, in other: String, at address: RelocatableTables.Address) {
    append(
      Command.addPointer,
      Self.name(other) + Self.name(file) + UInt32(address.offset).littleEndianBytes + [UInt8(address.size)])
  }

  /// Makes bytes of a file sum to zero.
  mutating func addChecksum(in file: String, _ checksum: RelocatableTables.Checksum) {
    append(
      Command.addChecksum,
      Self.name(file) + UInt32(checksum.offset).littleEndianBytes + UInt32(checksum.range.lowerBound).littleEndianBytes
        + UInt32(checksum.range.count).littleEndianBytes)
  }

  private mutating func append(_ command: UInt32, _ fields: [UInt8]) {
    let entry = command.littleEndianBytes + fields
    bytes += entry + [UInt8](repeating: 0, count: Self.entrySize - entry.count)
  }

  private static func name(_ text: String) -> [UInt8] {
    let name = Array(text.utf8)
    precondition(name.count < nameSize, "a name has less than 56 bytes")
    return name + [UInt8](repeating: 0, count: nameSize - name.count)
  }
}

extension FixedWidthInteger {
  /// The bytes of a value, the lowest first.
  var littleEndianBytes: [UInt8] {
    (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> Self(8 * $0)) }
  }
}
