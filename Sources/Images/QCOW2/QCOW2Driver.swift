import LinuxSystem

/// A qcow2 image: an L1 table names L2 tables, which name clusters.
final class QCOW2Driver: ImageDriver {
  let format = ImageFormat.qcow2
  let files: [ImageFile]
  var header: QCOW2Header
  /// Entries of the L1 table.
  var l1: [UInt64]
  let tables: TableCache<UInt64>
  let refcounts: QCOW2Refcounts
  /// L1 entries that changed since they were written.
  var changedL1: Set<Int> = []
  /// L2 tables that nothing on the disk refers to yet.
  var newTables: Set<Int> = []
  /// Clusters that lose a reference once the tables without it are durable.
  var released: [UInt64] = []

  /// Bytes of memory for L2 tables: with clusters of 64 KiB enough for 128 GiB of disk.
  private static let tableBudget = 16 << 20

  var file: ImageFile { files[0] }
  private let clusterBits: Int
  let l2Bits: Int
  let size: UInt64
  var blockSize: UInt64 { 1 << UInt64(clusterBits) }
  var placesInMemory: Bool { true }

  init(_ file: ImageFile, _ options: OpenOptions) throws(ImageError) {
    header = try QCOW2Header(file)
    files = [file]
    clusterBits = header.clusterBits
    l2Bits = header.l2Bits
    size = header.size.roundedUp(to: 512)!
    let bytes = try file.bytes(header.l1Count * 8, at: header.l1Offset)
    l1 = stride(from: 0, to: bytes.count, by: 8).map { bytes.big(at: $0) }
    do throws(SystemError) {
      tables = try TableCache(tables: header.l1Count, words: 1 << header.l2Bits, budget: Self.tableBudget)
    } catch { throw ImageError(error, .reading, file.path) }
    refcounts = try QCOW2Refcounts(file, header)
    if !options.readOnly, options.repairs, header.incompatible & QCOW2Header.Incompatible.dirty != 0,
      writeRefusal == nil
    {
      // Whoever wrote it last kept no counts and did not come to write them.
      let report = try check(.all)
      guard report.corruptions == 0 else {
        throw ImageError(
          .malformed, file.path, "it was not closed in order, and \(report.findings.first ?? "cannot be set right")")
      }
    }
  }

  var parent: ParentReference? {
    guard let name = header.backingName else { return nil }
    return ParentReference(name: name, format: header.backingFormat.flatMap { ImageFormat(name: $0) })
  }

  var writeRefusal: String? {
    header.incompatible & QCOW2Header.Incompatible.corrupt == 0
      ? nil : "it is marked as corrupt; image check --repair all may set it right, and it can be read"
  }

  // MARK: Finding

  func find(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> Extent {
    let index = Int(offset >> UInt64(clusterBits + l2Bits))
    let span = UInt64(1) << UInt64(clusterBits + l2Bits)
    let inTable = min(count, span - offset & (span - 1))
    guard index < l1.count, l1[index] & QCOW2Entry.offsets != 0 else { return Extent(kind: .absent, count: inTable) }
    let words = try unsafe table(index)
    let number = Int(offset >> UInt64(clusterBits)) & (1 << l2Bits - 1)
    let inside = offset & (blockSize - 1)
    let entry = unsafe QCOW2Entry(words[number])
    var extent = try extent(entry, inside)
    if !entry.isOwn || l1[index] & QCOW2Entry.copied == 0 { extent.isShared = extent.kind == .data }
    extent.count = min(inTable, blockSize - inside)
    if extent.kind == .compressed { return extent }
    // Entries that go on where this one ends.
    var (following, reach) = (number + 1, extent.count)
    while reach < inTable {
      let next = unsafe QCOW2Entry(words[following])
      if extent.kind == .data {
        guard !next.isCompressed, !next.isZero, next.isOwn == entry.isOwn,
          next.offset == extent.position + reach, next.offset < file.size
        else { break }
      } else {
        guard !next.isCompressed, kind(next) == extent.kind else { break }
      }
      reach += blockSize
      following += 1
    }
    extent.count = min(reach, inTable)
    return extent
  }

  private func kind(_ entry: QCOW2Entry) -> Extent.Kind {
    if entry.isCompressed { return .compressed }
    if entry.isZero && header.version > 2 { return .zero }
    return entry.offset == 0 ? .absent : .data
  }

  private func extent(_ entry: QCOW2Entry, _ inside: UInt64) throws(ImageError) -> Extent {
    var extent = Extent(kind: kind(entry), count: 0)
    switch extent.kind {
    case .data:
      guard entry.offset & (blockSize - 1) == 0, entry.offset < file.size else {
        throw ImageError(.malformed, file.path, "a cluster at \(entry.offset), which is none of the file")
      }
      extent.position = entry.offset + inside
    case .compressed: extent.position = entry.word
    case .zero, .absent: break
    }
    return extent
  }

  /// An L2 table, read where it is not here yet.
  @inline(__always)
  func table(_ index: Int) throws(ImageError) -> UnsafeMutablePointer<UInt64> {
    if let words = unsafe tables.words(index) { return unsafe words }
    return try unsafe load(index)
  }

  @inline(never)
  private func load(_ index: Int) throws(ImageError) -> UnsafeMutablePointer<UInt64> {
    let offset = l1[index] & QCOW2Entry.offsets
    guard offset & (blockSize - 1) == 0, offset < file.size else {
      throw ImageError(.malformed, file.path, "an L2 table at \(offset), which no cluster is")
    }
    let words = try unsafe room(index)
    do throws(ImageError) { try unsafe read(words, at: offset) } catch {
      tables.remove(index)
      throw error
    }
    return unsafe words
  }

  func read(_ words: UnsafeMutablePointer<UInt64>, at offset: UInt64) throws(ImageError) {
    let count = 1 << l2Bits
    try unsafe file.read(UnsafeMutableRawBufferPointer(start: words, count: count * 8), at: offset)
    for number in 0..<count { unsafe words[number] = UInt64(bigEndian: words[number]) }
  }

  private func room(_ index: Int) throws(ImageError) -> UnsafeMutablePointer<UInt64> {
    if let words = unsafe tables.insert(index) { return unsafe words }
    try flush()
    return unsafe tables.insert(index)!
  }

  func unfold(_ extent: Extent, at offset: UInt64, into block: UnsafeMutableRawBufferPointer) throws(ImageError) {
    let (position, count) = QCOW2Entry(extent.position).folded(clusterBits)
    guard position < file.size else {
      throw ImageError(.malformed, file.path, "a compressed cluster at \(position), past the file's end")
    }
    let folded = try file.bytes(count, at: position)
    let whole =
      switch header.compression {
      case .zlib: unsafe Deflate.unfold(folded, into: block, .raw) == block.count
      case .zstd: unsafe Zstandard.unfold(folded, into: block)
      }
    guard whole else {
      throw ImageError(.malformed, file.path, "the compressed cluster at \(position) does not unfold to a cluster")
    }
  }

  // MARK: Changing

  func beginWriting() throws(ImageError) {
    // What these bits vouch for, bitmaps for example, is not kept.
    guard header.version == 3, header.autoclear != 0 else { return }
    header.autoclear = 0
    try file.write([UInt8](repeating: 0, count: 8), at: UInt64(QCOW2Header.Field.autoclear))
  }

  /// Makes the L2 table of an index one that may be changed.
  private func ownTable(_ index: Int) throws(ImageError) -> UnsafeMutablePointer<UInt64> {
    let entry = l1[index]
    if entry & QCOW2Entry.offsets != 0, entry & QCOW2Entry.copied != 0 { return try unsafe table(index) }
    let words: UnsafeMutablePointer<UInt64>
    if entry & QCOW2Entry.offsets == 0 {
      unsafe words = try unsafe room(index)
      unsafe words.initialize(repeating: 0, count: 1 << l2Bits)
    } else {
      unsafe words = try unsafe table(index)
      // A snapshot keeps the table that there was, and the clusters in it are its as well.
      for number in 0..<(1 << l2Bits) { unsafe words[number] &= ~QCOW2Entry.copied }
      released.append((entry & QCOW2Entry.offsets) >> UInt64(clusterBits))
    }
    let offset: UInt64
    do throws(ImageError) { offset = try refcounts.allocate(1).offset } catch {
      tables.remove(index)
      throw error
    }
    l1[index] = offset | QCOW2Entry.copied
    changedL1.insert(index)
    newTables.insert(index)
    tables.setDirty(index)
    return unsafe words
  }

  func place(_ offset: UInt64, _ count: UInt64, instead extent: Extent) throws(ImageError) -> Placement {
    _ = try unsafe ownTable(Int(offset >> UInt64(clusterBits + l2Bits)))
    let start = offset & ~(blockSize - 1)
    // Whole clusters that are all to be written are taken together.
    let covered = min(count, extent.count) & ~(blockSize - 1)
    let length = offset == start ? max(blockSize, covered) : blockSize
    let new = try refcounts.allocate(Int(length >> UInt64(clusterBits)))
    try grow(to: new.offset + length)
    let isBlank = extent.kind == .zero || (extent.kind == .absent && header.backingName == nil)
    return Placement(
      file: 0, position: new.offset, block: start..<(start + length), needsRest: !(isBlank && new.isZero))
  }

  func link(_ placement: Placement, _ range: Range<UInt64>) throws(ImageError) {
    let index = Int(range.lowerBound >> UInt64(clusterBits + l2Bits))
    let words = try unsafe ownTable(index)
    var offset = placement.position
    for position in stride(from: placement.block.lowerBound, to: placement.block.upperBound, by: Int(blockSize)) {
      let number = Int(position >> UInt64(clusterBits)) & (1 << l2Bits - 1)
      release(unsafe QCOW2Entry(words[number]))
      unsafe words[number] = QCOW2Entry(at: offset).word
      offset += blockSize
    }
    tables.setDirty(index)
  }

  /// Makes the file reach up to a cluster's end: one that is written in part only is not there otherwise. It grows for several
  /// at once, and before anything is written there, which may happen in any order.
  private func grow(to end: UInt64) throws(ImageError) {
    guard end > file.size else { return }
    try file.truncate(to: end.roundedUp(to: max(Self.growth, blockSize)) ?? end)
  }

  /// Bytes.
  private static let growth: UInt64 = 1 << 20

  func settle() throws(ImageError) {
    try flush()
    if file.size > refcounts.end { try file.truncate(to: refcounts.end) }
  }

  private func release(_ entry: QCOW2Entry) {
    if let clusters = entry.clusters(clusterBits) { released += clusters }
  }

  func zero(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> UInt64 {
    let isWhole = offset & (blockSize - 1) == 0 && (count >= blockSize || offset + count == size)
    // Version 2 can say that there is nothing, which is only zeros where there is no parent.
    guard isWhole, header.version > 2 || header.backingName == nil else { return 0 }
    let index = Int(offset >> UInt64(clusterBits + l2Bits))
    let words = try unsafe ownTable(index)
    let number = Int(offset >> UInt64(clusterBits)) & (1 << l2Bits - 1)
    let clusters = min((1 << l2Bits) - number, Int(count.divided(roundingUp: blockSize)))
    let whole = offset + count == size ? clusters : min(clusters, Int(count >> UInt64(clusterBits)))
    for number in number..<(number + whole) {
      release(unsafe QCOW2Entry(words[number]))
      unsafe words[number] = header.backingName == nil ? 0 : QCOW2Entry.zero
    }
    tables.setDirty(index)
    return min(count, UInt64(whole) << UInt64(clusterBits))
  }
}
