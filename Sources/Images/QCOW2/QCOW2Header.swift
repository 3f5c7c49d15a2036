import LinuxSystem

/// The header of a qcow2 image (QEMU docs/interop/qcow2, "Header"). Numbers are big-endian.
struct QCOW2Header {
  /// "QFI" and 0xfb.
  static let magic: UInt32 = 0x5146_49FB

  /// Bits of `incompatible`: who does not know one must not open the image.
  enum Incompatible {
    static let dirty: UInt64 = 1 << 0
    static let corrupt: UInt64 = 1 << 1
    static let externalData: UInt64 = 1 << 2
    static let compression: UInt64 = 1 << 3
    static let subclusters: UInt64 = 1 << 4
    /// Where each is not supported, why.
    static let refused: [(UInt64, String)] = [
      (externalData, "its data is in another file (feature \"external data file\"), which is not supported"),
      (subclusters, "it has subclusters (feature \"extended L2 entries\"), which are not supported"),
    ]
  }

  enum Extension {
    static let end: UInt32 = 0
    static let backingFormat: UInt32 = 0xE279_2ACA
    static let featureNames: UInt32 = 0x6803_F857
  }

  enum Compression: UInt8 {
    case zlib, zstd
  }

  /// Where single fields are that are written later.
  enum Field {
    static let backing = 8
    static let l1 = 36
    static let refcountTable = 48
    static let incompatible = 72
    static let autoclear = 88
  }

  var version: UInt32
  var clusterBits: Int
  var size: UInt64
  var l1Count: Int
  var l1Offset: UInt64
  var refcountTableOffset: UInt64
  var refcountTableClusters: Int
  var snapshotCount: Int
  var snapshotsOffset: UInt64
  var incompatible: UInt64 = 0
  var compatible: UInt64 = 0
  var autoclear: UInt64 = 0
  var refcountOrder = 4
  var headerLength = 72
  var compression = Compression.zlib
  var backingName: String?
  var backingFormat: String?
  /// The extensions as they are, without the backing file's format: they are kept when the parent changes.
  var otherExtensions: [UInt8] = []

  var clusterSize: UInt64 { 1 << UInt64(clusterBits) }
  /// Entries of an L2 table, which is a cluster of 64-bit words.
  var l2Bits: Int { clusterBits - 3 }

  /// Bytes of an L1 table and of a refcount table at most, as in QEMU.
  static let longestL1 = 32 << 20
  static let longestRefcountTable = 8 << 20

  init(version: UInt32, clusterBits: Int, size: UInt64) {
    self.version = version
    self.clusterBits = clusterBits
    self.size = size
    l1Count = 0
    l1Offset = 0
    refcountTableOffset = 0
    refcountTableClusters = 0
    snapshotCount = 0
    snapshotsOffset = 0
    headerLength = version == 3 ? 112 : 72
  }

  init(_ file: ImageFile) throws(ImageError) {
    func malformed(_ reason: String) -> ImageError { ImageError(.malformed, file.path, reason) }
    let bytes = try file.bytes(112, at: 0)
    guard bytes.big(UInt32.self, at: 0) == Self.magic else { throw malformed("no qcow2: it begins otherwise") }
    version = bytes.big(at: 4)
    guard version == 2 || version == 3 else {
      throw ImageError(.unsupported, file.path, "version \(version) of qcow2 is not supported; 2 and 3 are")
    }
    let bits: UInt32 = bytes.big(at: 20)
    guard (9...21).contains(bits) else { throw malformed("clusters of 2^\(bits) bytes; expected 2^9 to 2^21") }
    clusterBits = Int(bits)
    size = bytes.big(at: 24)
    let encryption: UInt32 = bytes.big(at: 32)
    guard encryption == 0 else {
      throw ImageError(.unsupported, file.path, "it is encrypted (method \(encryption)), which is not supported")
    }
    if version == 3 {
      incompatible = bytes.big(at: 72)
      compatible = bytes.big(at: 80)
      autoclear = bytes.big(at: 88)
      let order: UInt32 = bytes.big(at: 96)
      guard order <= 6 else { throw malformed("refcounts of 2^\(order) bits; expected up to 2^6") }
      refcountOrder = Int(order)
      let length: UInt32 = bytes.big(at: 100)
      guard length >= 104, length % 8 == 0, length <= 1 << bits else { throw malformed("a header of \(length) bytes") }
      headerLength = Int(length)
    }
    (l1Count, l1Offset) = (Int(bytes.big(UInt32.self, at: 36)), bytes.big(at: 40))
    (refcountTableOffset, refcountTableClusters) = (bytes.big(at: 48), Int(bytes.big(UInt32.self, at: 56)))
    (snapshotCount, snapshotsOffset) = (Int(bytes.big(UInt32.self, at: 60)), bytes.big(at: 64))
    try readExtensions(file)
    try refuseFeatures(file)
    if incompatible & Incompatible.compression != 0 {
      guard headerLength > 104, let known = Compression(rawValue: bytes[104]) else {
        throw ImageError(
          .unsupported, file.path, "its clusters are compressed in a way that is not known (\(bytes[104]))")
      }
      compression = known
    }
    try readBacking(file, offset: bytes.big(at: 8), count: Int(bytes.big(UInt32.self, at: 16)))
    try holdTables(file)
  }

  private mutating func readExtensions(_ file: ImageFile) throws(ImageError) {
    var position = headerLength
    let head = try file.bytes(Int(clusterSize), at: 0)
    while position + 8 <= head.count {
      let (kind, count) = (head.big(UInt32.self, at: position), Int(head.big(UInt32.self, at: position + 4)))
      if kind == Extension.end { return }
      let end = position + 8 + (count + 7) & ~7
      guard count <= head.count, end <= head.count else {
        // Version 2 images of old programs have none, and the name of the parent follows the header.
        if version == 2 { return }
        throw ImageError(.malformed, file.path, "a header extension goes past the first cluster")
      }
      let content = head[(position + 8)..<(position + 8 + count)]
      if kind == Extension.backingFormat {
        backingFormat = String(decoding: content, as: UTF8.self)
      } else {
        if kind == Extension.featureNames { featureNames = Array(content) }
        otherExtensions += head[position..<end]
      }
      position = end
    }
  }

  private var featureNames: [UInt8] = []

  private func refuseFeatures(_ file: ImageFile) throws(ImageError) {
    for (bit, reason) in Incompatible.refused where incompatible & bit != 0 {
      throw ImageError(.unsupported, file.path, reason)
    }
    let known = Incompatible.dirty | Incompatible.corrupt | Incompatible.compression
    let unknown = incompatible & ~known
    guard unknown != 0 else { return }
    let bit = unknown.trailingZeroBitCount
    throw ImageError(
      .unsupported, file.path, "it needs a feature that is not known: \(name(ofIncompatible: bit) ?? "bit \(bit)")")
  }

  /// A feature as the image itself calls it: rows of a kind, a bit and 46 bytes of name.
  private func name(ofIncompatible bit: Int) -> String? {
    for row in stride(from: 0, through: featureNames.count - 48, by: 48)
    where featureNames[row] == 0 && featureNames[row + 1] == UInt8(bit) {
      return String(decoding: featureNames[(row + 2)..<(row + 48)].prefix { $0 != 0 }, as: UTF8.self).printable
    }
    return nil
  }

  private mutating func readBacking(_ file: ImageFile, offset: UInt64, count: Int) throws(ImageError) {
    guard offset != 0 else { return }
    guard count > 0, count <= 1023, offset >= 72, offset <= clusterSize, offset + UInt64(count) <= clusterSize else {
      throw ImageError(.malformed, file.path, "the name of its backing file is not in the first cluster")
    }
    backingName = String(decoding: try file.bytes(count, at: offset), as: UTF8.self)
  }

  /// Looks whether the tables lie in the file. A function of its own for each table: of one loop over both the compiler (Swift 6.3) makes
  /// other code each time.
  private func holdTables(_ file: ImageFile) throws(ImageError) {
    guard size <= UInt64(Int64.max) - 511 else { throw malformed(file, "a disk of \(size) bytes") }
    let needed = size.divided(roundingUp: 1 << UInt64(clusterBits + l2Bits))
    guard l1Count <= Self.longestL1 / 8 else { throw malformed(file, "an L1 table of \(l1Count) entries") }
    guard UInt64(l1Count) >= needed else {
      throw malformed(file, "an L1 table of \(l1Count) entries; the disk needs \(needed)")
    }
    guard (l1Offset | refcountTableOffset | snapshotsOffset) & (clusterSize - 1) == 0 else {
      throw malformed(file, "a table that does not begin at a cluster")
    }
    guard refcountTableClusters <= Self.longestRefcountTable >> clusterBits || refcountTableClusters == 1 else {
      throw malformed(file, "a refcount table of \(refcountTableClusters) clusters")
    }
    try holdTable(file, at: l1Offset, bytes: l1Count * 8)
    try holdTable(file, at: refcountTableOffset, bytes: refcountTableClusters << clusterBits)
    guard snapshotCount <= 65536 else { throw malformed(file, "\(snapshotCount) snapshots") }
  }

  @inline(never)
  private func holdTable(_ file: ImageFile, at offset: UInt64, bytes: Int) throws(ImageError) {
    guard bytes > 0 else { return }
    guard offset >= clusterSize, offset < file.size,
      UInt64(bytes) <= (file.size - offset).roundedUp(to: clusterSize) ?? 0
    else { throw malformed(file, "a table at \(offset) of \(bytes) bytes, past the file's end") }
  }

  private func malformed(_ file: ImageFile, _ reason: String) -> ImageError {
    ImageError(.malformed, file.path, reason)
  }

  /// The first cluster: header, extensions, and the name of the backing file.
  func encoded() -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: Int(clusterSize))
    var position = headerLength
    func room(_ count: Int) -> Bool { position + count <= bytes.count }
    var extensions: [UInt8] = []
    if let backingFormat {
      let text = Array(backingFormat.utf8)
      var head = [UInt8](repeating: 0, count: 8 + (text.count + 7) & ~7)
      head.store(big: Extension.backingFormat, at: 0)
      head.store(big: UInt32(text.count), at: 4)
      head.store(text, at: 8)
      extensions += head
    }
    extensions += otherExtensions + [UInt8](repeating: 0, count: 8)
    guard room(extensions.count) else { return nil }
    bytes.store(extensions, at: position)
    position += extensions.count
    bytes.store(big: Self.magic, at: 0)
    bytes.store(big: version, at: 4)
    if let backingName {
      let text = Array(backingName.utf8)
      guard text.count <= 1023, room(text.count) else { return nil }
      bytes.store(text, at: position)
      bytes.store(big: UInt64(position), at: 8)
      bytes.store(big: UInt32(text.count), at: 16)
    }
    bytes.store(big: UInt32(clusterBits), at: 20)
    bytes.store(big: size, at: 24)
    bytes.store(big: UInt32(l1Count), at: 36)
    bytes.store(big: l1Offset, at: 40)
    bytes.store(big: refcountTableOffset, at: 48)
    bytes.store(big: UInt32(refcountTableClusters), at: 56)
    bytes.store(big: UInt32(snapshotCount), at: 60)
    bytes.store(big: snapshotsOffset, at: 64)
    if version == 3 {
      bytes.store(big: incompatible, at: 72)
      bytes.store(big: compatible, at: 80)
      bytes.store(big: autoclear, at: 88)
      bytes.store(big: UInt32(refcountOrder), at: 96)
      bytes.store(big: UInt32(headerLength), at: 100)
      if headerLength > 104 { bytes[104] = compression.rawValue }
    }
    return bytes
  }
}
