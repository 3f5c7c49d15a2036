/// Where the two classes of files have their fields: offsets and sizes in bytes (System V gABI, chapters 4 and 5).
struct ELFLayout {
  let isWide: Bool
  let machine: UInt16
  let machineName: String
  let headerSize: Int
  /// Of the program headers' offset, and of their size; their number follows that.
  let table: Int
  let entrySize: Int
  let programHeaderSize: Int
  /// Within a program header.
  let flags: Int
  let offset: Int
  let virtual: Int
  let physical: Int
  let fileSize: Int
  let memorySize: Int

  static let wide = ELFLayout(
    isWide: true, machine: 62, machineName: "x86-64", headerSize: 64, table: 32, entrySize: 54, programHeaderSize: 56,
    flags: 4, offset: 8, virtual: 16, physical: 24, fileSize: 32, memorySize: 40)
  static let narrow = ELFLayout(
    isWide: false, machine: 3, machineName: "i386", headerSize: 52, table: 28, entrySize: 42, programHeaderSize: 32,
    flags: 24, offset: 4, virtual: 8, physical: 12, fileSize: 16, memorySize: 20)
}

extension ELFLayout {
  /// - Parameter class: the file's fifth byte; nil where it is of neither class.
  init?(class value: UInt8) {
    switch value {
    case 1: self = .narrow
    case 2: self = .wide
    default: return nil
    }
  }
}

/// Bounds-checked reads from the file.
struct ELFReader {
  let bytes: [UInt8]
  let name: String

  func error(_ expected: String, _ found: String) -> ELFError {
    ELFError(name: name, expected: expected, found: found)
  }

  func range(_ offset: UInt64, _ count: UInt64, _ what: String) throws(ELFError) -> Range<Int> {
    let (end, overflow) = offset.addingReportingOverflow(count)
    guard !overflow, end <= UInt64(bytes.count) else {
      throw error(
        "\(what) at bytes \(offset)..<\(overflow ? "2^64" : String(end))", "a file of \(bytes.count) bytes (truncated?)"
      )
    }
    return Int(offset)..<Int(end)
  }

  func integer<T: FixedWidthInteger>(_ offset: Int, as type: T.Type) throws(ELFError) -> T {
    let place = try range(UInt64(offset), UInt64(MemoryLayout<T>.size), "a field")
    return bytes[place].reversed().reduce(0) { $0 << 8 | T(truncatingIfNeeded: $1) }
  }

  /// A field that is as wide as the file's class.
  func address(_ offset: Int, _ layout: ELFLayout) throws(ELFError) -> UInt64 {
    layout.isWide ? try integer(offset, as: UInt64.self) : UInt64(try integer(offset, as: UInt32.self))
  }

  func segment(_ header: Int, _ index: Int, _ layout: ELFLayout) throws(ELFError) -> ELFImage.Segment {
    let flags = try integer(header + layout.flags, as: UInt32.self)
    let fileSize = try address(header + layout.fileSize, layout)
    let memorySize = try address(header + layout.memorySize, layout)
    let physical = try address(header + layout.physical, layout)
    let virtual = try address(header + layout.virtual, layout)
    let file = try range(try address(header + layout.offset, layout), fileSize, "segment \(index)")
    guard memorySize >= fileSize else {
      throw error("segment \(index) at least as large in memory as in the file", "\(memorySize) below \(fileSize)")
    }
    guard !physical.addingReportingOverflow(memorySize).overflow, !virtual.addingReportingOverflow(memorySize).overflow
    else {
      throw error("segment \(index) inside the address space", "one that wraps around")
    }
    return ELFImage.Segment(
      physicalAddress: physical, virtualAddress: virtual, file: file, memorySize: memorySize,
      isWritable: flags & 2 != 0, isExecutable: flags & 1 != 0)
  }

  /// The descriptor of the note named Xen of type 18, XEN_ELFNOTE_PHYS32_ENTRY.
  func pvhNote(_ header: Int, _ layout: ELFLayout) throws(ELFError) -> UInt32? {
    let place = try range(
      try address(header + layout.offset, layout), try address(header + layout.fileSize, layout), "a note segment")
    var position = place.lowerBound
    while position + 12 <= place.upperBound {
      let nameSize = Int(try integer(position, as: UInt32.self))
      let descriptorSize = Int(try integer(position + 4, as: UInt32.self))
      let type = try integer(position + 8, as: UInt32.self)
      let nameStart = position + 12
      let descriptor = nameStart + (nameSize + 3) & ~3
      let next = descriptor + (descriptorSize + 3) & ~3
      guard next <= place.upperBound else { throw error("notes inside their segment", "one that is cut off") }
      if type == 18, nameSize == 4, bytes[nameStart..<nameStart + 4].elementsEqual([0x58, 0x65, 0x6e, 0]) {
        guard descriptorSize == 4 || descriptorSize == 8 else {
          throw error("a PVH entry of 4 or 8 bytes", "\(descriptorSize)")
        }
        return try integer(descriptor, as: UInt32.self)
      }
      position = next
    }
    return nil
  }
}
