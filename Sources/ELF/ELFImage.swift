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
  /// Whether the file is of the 64-bit class, for x86-64; else of the 32-bit class, for i386.
  public let is64Bit: Bool

  private static let mostSegments = 64

  /// Whether bytes begin as an ELF file does.
  public static func isImage(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) }

  /// Reads an executable.
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: what messages call it, such as its path.
  public init(_ bytes: [UInt8], name: String) throws(ELFError) {
    let reader = ELFReader(bytes: bytes, name: name)
    guard bytes.count >= ELFLayout.narrow.headerSize else {
      throw reader.error("an ELF header of at least 52 bytes", "\(bytes.count) bytes")
    }
    guard Self.isImage(bytes) else { throw reader.error("an ELF file", "other magic bytes") }
    guard let layout = ELFLayout(class: bytes[4]), bytes[5] == 1 else {
      throw reader.error("a little-endian 32-bit or 64-bit ELF file", "another class")
    }
    guard bytes.count >= layout.headerSize else {
      throw reader.error("an ELF header of \(layout.headerSize) bytes", "\(bytes.count) bytes")
    }
    let (type, machine) = (try reader.integer(16, as: UInt16.self), try reader.integer(18, as: UInt16.self))
    guard type == 2, machine == layout.machine else {
      throw reader.error(
        "an executable (type 2) for \(layout.machineName) (machine \(layout.machine))",
        "type \(type), machine \(machine)")
    }
    entry = try reader.address(24, layout)
    let table = try reader.address(layout.table, layout)
    let entrySize = try reader.integer(layout.entrySize, as: UInt16.self)
    let count = Int(try reader.integer(layout.entrySize + 2, as: UInt16.self))
    let size = layout.programHeaderSize
    guard Int(entrySize) == size, count >= 1, count <= Self.mostSegments else {
      throw reader.error("1 to \(Self.mostSegments) program headers of \(size) bytes", "\(count) of \(entrySize)")
    }
    let headers = try reader.range(table, UInt64(count * size), "program headers")
    var segments: [Segment] = []
    var note: UInt32?
    for index in 0..<count {
      let header = headers.lowerBound + index * size
      switch try reader.integer(header, as: UInt32.self) {
      case 1: segments.append(try reader.segment(header, index, layout))
      case 4:
        if note == nil { note = try reader.pvhNote(header, layout) }
      default: break
      }
    }
    guard !segments.isEmpty else { throw reader.error("a loadable segment", "none") }
    self.bytes = bytes
    self.segments = segments
    pvhEntry = note
    is64Bit = layout.isWide
  }
}

/// What is wrong with an executable.
public struct ELFError: Error, CustomStringConvertible, Sendable, Equatable {
  public let name: String
  public let expected: String
  public let found: String

  public var description: String { "\(name): expected \(expected), found \(found)" }
}
