/// An executable's loadable segments and its PVH entry.
public struct ELFImage: Sendable {
  /// A part of the file that goes to memory.
  public struct Segment: Sendable, Hashable {
    /// Guest-physical address of the first byte.
    public let physicalAddress: UInt64
    /// Virtual address of the first byte.
    public let virtualAddress: UInt64
    /// Bytes of the file.
    public let file: Range<Int>
    /// Bytes in memory, at least as many; the rest is zero.
    public let memorySize: UInt64
    public let isWritable: Bool
    public let isExecutable: Bool
  }

  /// The whole file.
  public let bytes: [UInt8]
  /// Loadable segments in the order of the file.
  public let segments: [Segment]
  /// `e_entry`.
  public let entry: UInt64
  /// The entry of the Xen PVH note, nil where there is none.
  public let pvhEntry: UInt32?

  private static let headerSize = 64
  private static let programHeaderSize = 56
  private static let mostSegments = 64

  /// Reads an executable.
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: what messages call it, such as its path.
  public init(_ bytes: [UInt8], name: String) throws(ELFError) {
    let reader = ELFReader(bytes: bytes, name: name)
    guard bytes.count >= Self.headerSize else {
      throw reader.error("an ELF header of 64 bytes", "\(bytes.count) bytes")
    }
    guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { throw reader.error("an ELF file", "other magic bytes") }
    guard bytes[4] == 2, bytes[5] == 1 else { throw reader.error("a little-endian 64-bit ELF file", "another class") }
    let (type, machine) = (try reader.integer(16, as: UInt16.self), try reader.integer(18, as: UInt16.self))
    guard type == 2, machine == 62 else {
      throw reader.error("an executable (type 2) for x86-64 (machine 62)", "type \(type), machine \(machine)")
    }
    entry = try reader.integer(24, as: UInt64.self)
    let table = try reader.integer(32, as: UInt64.self)
    let entrySize = try reader.integer(54, as: UInt16.self)
    let count = Int(try reader.integer(56, as: UInt16.self))
    guard Int(entrySize) == Self.programHeaderSize, count >= 1, count <= Self.mostSegments else {
      throw reader.error("1 to \(Self.mostSegments) program headers of 56 bytes", "\(count) of \(entrySize)")
    }
    var segments: [Segment] = []
    var note: UInt32?
    for index in 0..<count {
      let header =
        try reader.range(table, UInt64(count * Self.programHeaderSize), "program headers").lowerBound + index * 56
      switch try reader.integer(header, as: UInt32.self) {
      case 1: segments.append(try reader.segment(header, index))
      case 4:
        if note == nil { note = try reader.pvhNote(header) }
      default: break
      }
    }
    guard !segments.isEmpty else { throw reader.error("a loadable segment", "none") }
    self.bytes = bytes
    self.segments = segments
    pvhEntry = note
  }
}

/// What is wrong with an executable.
public struct ELFError: Error, CustomStringConvertible, Sendable, Equatable {
  public let name: String
  public let expected: String
  public let found: String

  public var description: String { "\(name): expected \(expected), found \(found)" }
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

  func segment(_ header: Int, _ index: Int) throws(ELFError) -> ELFImage.Segment {
    let flags = try integer(header + 4, as: UInt32.self)
    let fileSize = try integer(header + 32, as: UInt64.self)
    let memorySize = try integer(header + 40, as: UInt64.self)
    let physical = try integer(header + 24, as: UInt64.self)
    let virtual = try integer(header + 16, as: UInt64.self)
    let file = try range(try integer(header + 8, as: UInt64.self), fileSize, "segment \(index)")
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
  func pvhNote(_ header: Int) throws(ELFError) -> UInt32? {
    let place = try range(
      try integer(header + 8, as: UInt64.self), try integer(header + 32, as: UInt64.self), "a note segment")
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
