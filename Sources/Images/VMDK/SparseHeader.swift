/// The header of a hosted sparse extent (VMware Virtual Disk Format 1.1, "Hosted Sparse Extent Header"). Numbers are little-endian,
/// places and sizes in sectors.
struct SparseHeader {
  /// "KDMV".
  static let magic: UInt32 = 0x564D_444B
  static let size = 512
  /// Where a header that was written before its tables says that the footer knows.
  static let atEnd = UInt64.max

  enum Flag {
    /// The characters for line ends are there, to find out whether a transfer has changed them.
    static let newlines: UInt32 = 1 << 0
    static let redundant: UInt32 = 1 << 1
    /// An entry of 1 is a grain of zeros.
    static let zeroGrains: UInt32 = 1 << 2
    static let compressed: UInt32 = 1 << 16
    static let markers: UInt32 = 1 << 17
  }

  enum Field {
    static let unclean = 72
  }

  var version: UInt32 = 1
  var flags: UInt32
  /// Sectors of the disk.
  var capacity: UInt64
  var grainSize: UInt64 = 128
  var descriptorOffset: UInt64 = 0
  var descriptorSize: UInt64 = 0
  var entriesPerTable: UInt32 = 512
  var redundantOffset: UInt64 = 0
  var directoryOffset: UInt64 = 0
  var overhead: UInt64 = 0
  var isUnclean = false

  init(flags: UInt32, capacity: UInt64) {
    self.flags = flags
    self.capacity = capacity
  }

  /// - Returns: nil where the bytes are no such header.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.size, bytes.little(UInt32.self, at: 0) == Self.magic else { return nil }
    version = bytes.little(at: 4)
    flags = bytes.little(at: 8)
    capacity = bytes.little(at: 12)
    grainSize = bytes.little(at: 20)
    descriptorOffset = bytes.little(at: 28)
    descriptorSize = bytes.little(at: 36)
    entriesPerTable = bytes.little(at: 44)
    redundantOffset = bytes.little(at: 48)
    directoryOffset = bytes.little(at: 56)
    overhead = bytes.little(at: 64)
    isUnclean = bytes[Field.unclean] != 0
    hasNewlines = Array(bytes[73..<77]) == Self.newlines
  }

  private static let newlines: [UInt8] = [0x0a, 0x20, 0x0d, 0x0a]
  private var hasNewlines = true

  var isCompressed: Bool { flags & Flag.compressed != 0 }

  /// Why an extent with this header cannot be used; nil where it can.
  var problem: (ImageError.Kind, String)? {
    guard (1...3).contains(version) else {
      return (.unsupported, "version \(version) of sparse extents is not supported")
    }
    if flags & Flag.newlines != 0, !hasNewlines {
      return (.malformed, "its line ends were changed, by a transfer as text")
    }
    guard grainSize.isPowerOfTwo, (8...16384).contains(grainSize) else {
      return (.malformed, "grains of \(grainSize) sectors; expected a power of two from 8 to 16384")
    }
    guard entriesPerTable.isPowerOfTwo, entriesPerTable <= 4096 else {
      return (.malformed, "grain tables of \(entriesPerTable) entries")
    }
    guard capacity <= UInt64(Int64.max) / 512 else { return (.malformed, "a disk of \(capacity) sectors") }
    return nil
  }

  /// Grain tables that there are.
  var tables: UInt64 { capacity.divided(roundingUp: grainSize * UInt64(entriesPerTable)) }

  func encoded() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.size)
    bytes.store(little: Self.magic, at: 0)
    bytes.store(little: version, at: 4)
    bytes.store(little: flags, at: 8)
    bytes.store(little: capacity, at: 12)
    bytes.store(little: grainSize, at: 20)
    bytes.store(little: descriptorOffset, at: 28)
    bytes.store(little: descriptorSize, at: 36)
    bytes.store(little: entriesPerTable, at: 44)
    bytes.store(little: redundantOffset, at: 48)
    bytes.store(little: directoryOffset, at: 56)
    bytes.store(little: overhead, at: 64)
    bytes[Field.unclean] = isUnclean ? 1 : 0
    bytes.store(Self.newlines, at: 73)
    bytes.store(little: UInt16(isCompressed ? 1 : 0), at: 77)
    return bytes
  }
}

/// A marker in a stream-optimized extent (VMware Virtual Disk Format 1.1, "Stream-Optimized Compressed Sparse Extents").
enum StreamMarker {
  enum Kind: UInt32 {
    case end = 0
    case table = 1
    case directory = 2
    case footer = 3
  }

  /// A sector that says what follows and of how many sectors.
  static func sector(_ kind: Kind, sectors: UInt64) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 512)
    bytes.store(little: sectors, at: 0)
    bytes.store(little: kind.rawValue, at: 12)
    return bytes
  }

  /// A compressed grain with its place on the disk, in whole sectors.
  static func grain(_ folded: [UInt8], at sector: UInt64) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (12 + folded.count + 511) & ~511)
    bytes.store(little: sector, at: 0)
    bytes.store(little: UInt32(folded.count), at: 8)
    bytes.store(folded, at: 12)
    return bytes
  }
}
