import LinuxSystem

/// A sparse extent of a VMDK: a directory names grain tables, which name grains; a second set of both says the same, as a rule.
final class SparseExtent {
  let file: ImageFile
  /// Number of the file among the image's.
  let number: Int
  private(set) var header: SparseHeader
  /// Sectors of grain tables.
  private(set) var directory: [UInt32]
  /// The same of the second set; empty where there is none.
  private(set) var redundant: [UInt32]
  let tables: TableCache<UInt32>
  let grainBits: UInt64
  private let tableBits: UInt64
  /// Where the next grain goes: nothing is behind it.
  private var end: UInt64
  /// Where grains were that read as zeros now. What is at the file's end of them is given back when the extent is closed.
  private var freed: Set<UInt64> = []

  var grainSize: UInt64 { 1 << grainBits }
  var entries: Int { 1 << Int(tableBits) }
  var hasZeroGrains: Bool { header.flags & SparseHeader.Flag.zeroGrains != 0 }

  /// Entries of a directory at most, as bytes.
  private static let longestDirectory: UInt64 = 32 << 20
  private static let tableBudget = 4 << 20
  /// Grains remembered at most: of 64 KiB each, 16 GiB.
  private static let mostFreed = 1 << 18

  init(_ file: ImageFile, number: Int) throws(ImageError) {
    func malformed(_ reason: String) -> ImageError { ImageError(.malformed, file.path, reason) }
    guard var header = SparseHeader(try file.bytes(SparseHeader.size, at: 0)) else {
      throw malformed("no sparse extent: it begins otherwise")
    }
    if header.directoryOffset == SparseHeader.atEnd {
      // A footer, then the marker of the end, are the last two sectors.
      guard file.size >= 1536,
        let footer = SparseHeader(try file.bytes(SparseHeader.size, at: (file.size & ~511) - 1024)),
        footer.directoryOffset != SparseHeader.atEnd
      else { throw malformed("its footer is missing: it was not written to its end") }
      header = footer
    }
    if let (kind, reason) = header.problem { throw ImageError(kind, file.path, reason) }
    guard header.tables * 4 <= Self.longestDirectory else {
      throw malformed("a directory of \(header.tables) grain tables")
    }
    self.file = file
    self.number = number
    self.header = header
    grainBits = UInt64((header.grainSize * 512).trailingZeroBitCount)
    tableBits = UInt64(header.entriesPerTable.trailingZeroBitCount)
    directory = try Self.directory(file, header.directoryOffset, header)
    redundant =
      header.flags & SparseHeader.Flag.redundant != 0
      ? (try? Self.directory(file, header.redundantOffset, header)) ?? [] : []
    end = file.size.roundedUp(to: header.grainSize * 512) ?? file.size
    do throws(SystemError) {
      tables = try TableCache(tables: directory.count, words: Int(header.entriesPerTable), budget: Self.tableBudget)
    } catch { throw ImageError(error, .reading, file.path) }
  }

  private static func directory(_ file: ImageFile, _ sector: UInt64, _ header: SparseHeader) throws(ImageError)
    -> [UInt32]
  {
    let count = Int(header.tables)
    guard sector > 0, sector < file.size / 512, UInt64(count) * 4 <= file.size - sector * 512 else {
      throw ImageError(.malformed, file.path, "a grain directory at sector \(sector), past the file's end")
    }
    let bytes = try file.bytes(count * 4, at: sector * 512)
    return (0..<count).map { bytes.little(at: $0 * 4) }
  }

  // MARK: Finding

  /// As `ImageDriver.find`, from the beginning of the extent.
  func find(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> Extent {
    let table = Int(offset >> (grainBits + tableBits))
    let span = UInt64(1) << (grainBits + tableBits)
    let inTable = min(count, span - offset & (span - 1))
    guard table < directory.count, directory[table] != 0 else {
      return Extent(kind: .absent, count: inTable, file: number)
    }
    let words = try unsafe words(table)
    let first = Int(offset >> grainBits) & (entries - 1)
    let inside = offset & (grainSize - 1)
    let entry = unsafe words[first]
    let kind = self.kind(entry)
    var reach = min(inTable, grainSize - inside)
    if kind == .compressed { return Extent(kind: kind, count: reach, file: number, position: UInt64(entry) * 512) }
    let position = kind == .data ? UInt64(entry) * 512 + inside : 0
    if kind == .data && position - inside >= file.size {
      throw ImageError(.malformed, file.path, "a grain at sector \(entry), past the file's end")
    }
    var next = first + 1
    while reach < inTable {
      let following = unsafe words[next]
      guard self.kind(following) == kind, kind != .data || UInt64(following) * 512 == position + reach,
        position + reach < file.size || kind != .data
      else { break }
      reach += grainSize
      next += 1
    }
    return Extent(kind: kind, count: min(reach, inTable), file: number, position: position)
  }

  @inline(__always)
  private func kind(_ entry: UInt32) -> Extent.Kind {
    if entry == 0 { return .absent }
    if entry == 1 && hasZeroGrains { return .zero }
    return header.isCompressed ? .compressed : .data
  }

  @inline(__always)
  func words(_ table: Int) throws(ImageError) -> UnsafeMutablePointer<UInt32> {
    if let words = unsafe tables.words(table) { return unsafe words }
    return try unsafe load(table)
  }

  @inline(never)
  private func load(_ table: Int) throws(ImageError) -> UnsafeMutablePointer<UInt32> {
    let offset = UInt64(directory[table]) * 512
    guard offset < file.size else {
      throw ImageError(.malformed, file.path, "a grain table at sector \(directory[table]), past the file's end")
    }
    if unsafe tables.insert(table) == nil {
      try writeTables()
      _ = unsafe tables.insert(table)
    }
    let words = unsafe tables.words(table)!
    do throws(ImageError) {
      try unsafe file.read(UnsafeMutableRawBufferPointer(start: words, count: entries * 4), at: offset)
    } catch {
      tables.remove(table)
      throw error
    }
    for index in 0..<entries { unsafe words[index] = UInt32(littleEndian: words[index]) }
    return unsafe words
  }

  /// Unfolds a grain that `find` found; `room` is as large as a grain.
  func unfold(_ extent: Extent, at offset: UInt64, into room: UnsafeMutableRawBufferPointer) throws(ImageError) {
    func malformed(_ reason: String) -> ImageError {
      ImageError(.malformed, file.path, "the compressed grain at \(extent.position) \(reason)")
    }
    guard extent.position < file.size else { throw malformed("is past the file's end") }
    let head = try file.bytes(12, at: extent.position)
    let count = Int(head.little(UInt32.self, at: 8))
    guard head.little(UInt64.self, at: 0) == (offset & ~(grainSize - 1)) / 512 else {
      throw malformed("is another one")
    }
    // What cannot be compressed becomes longer, but not by that much.
    guard count > 0, count <= 2 * Int(grainSize) + 4096 else { throw malformed("has \(count) bytes") }
    let folded = try file.bytes(count, at: extent.position + 12)
    guard let filled = unsafe Deflate.unfold(folded, into: room, .zlib) else { throw malformed("does not unfold") }
    unsafe UnsafeMutableRawBufferPointer(rebasing: room[filled...]).initializeMemory(as: UInt8.self, repeating: 0)
  }

  // MARK: Changing

  func setUnclean(_ isUnclean: Bool) throws(ImageError) {
    guard header.isUnclean != isUnclean else { return }
    header.isUnclean = isUnclean
    try file.write([isUnclean ? 1 : 0], at: UInt64(SparseHeader.Field.unclean))
    try file.synchronize()
  }

  /// Takes grains that follow each other for the beginning of a range, whole ones where it covers them.
  func place(_ offset: UInt64, _ count: UInt64, hasContent: Bool) throws(ImageError) -> Placement {
    let table = Int(offset >> (grainBits + tableBits))
    if directory[table] == 0 { try makeTable(table) }
    let start = offset & ~(grainSize - 1)
    let length = offset == start ? max(grainSize, count & ~(grainSize - 1)) : grainSize
    // A program that is killed may have left something behind the last grain: the file's end tells.
    let position = max(end, file.size.roundedUp(to: grainSize) ?? end)
    guard (position + length) / 512 <= UInt64(UInt32.max) else {
      throw ImageError.tooLarge(file.path, "it would become larger than a sparse extent can be")
    }
    end = position + length
    // At once: several grains may be on their way, and what comes later must neither lie where they go nor cut off one that is there.
    try file.truncate(to: end)
    return Placement(file: number, position: position, block: start..<(start + length), needsRest: hasContent)
  }

  /// Makes a table of nothing, and names it when it is durable.
  private func makeTable(_ table: Int) throws(ImageError) {
    let bytes = UInt64(entries * 4)
    let place = file.size.roundedUp(to: 512)!
    let sets = redundant.isEmpty ? 1 : 2
    let sector = place / 512
    guard sector + UInt64(sets) * bytes / 512 < UInt64(UInt32.max) else {
      throw ImageError.tooLarge(file.path, "it would become larger than a sparse extent can be")
    }
    try file.truncate(to: place + (UInt64(sets) * bytes).roundedUp(to: 512)!)
    try file.synchronize()
    directory[table] = UInt32(sector)
    try writeName(of: table, directory, header.directoryOffset)
    if sets == 2 {
      redundant[table] = UInt32(sector + bytes.divided(roundingUp: 512))
      try writeName(of: table, redundant, header.redundantOffset)
    }
    end = file.size.roundedUp(to: grainSize)!
  }

  private func writeName(of table: Int, _ directory: [UInt32], _ sector: UInt64) throws(ImageError) {
    var bytes = [UInt8](repeating: 0, count: 4)
    bytes.store(little: directory[table], at: 0)
    try file.write(bytes, at: sector * 512 + UInt64(table) * 4)
  }

  func link(_ placement: Placement) throws(ImageError) {
    let table = Int(placement.block.lowerBound >> (grainBits + tableBits))
    let words = try unsafe words(table)
    let first = Int(placement.block.lowerBound >> grainBits) & (entries - 1)
    let count = placement.block.count >> Int(grainBits)
    for grain in 0..<count {
      unsafe words[first + grain] = UInt32((placement.position + UInt64(grain) << grainBits) / 512)
    }
    tables.setDirty(table)
  }

  /// Makes whole grains read as zeros. Returns the bytes for which that was done.
  func zero(_ offset: UInt64, _ count: UInt64, hasParent: Bool) throws(ImageError) -> UInt64 {
    let table = Int(offset >> (grainBits + tableBits))
    guard offset & (grainSize - 1) == 0, !hasParent || hasZeroGrains, directory[table] != 0 else { return 0 }
    let first = Int(offset >> grainBits) & (entries - 1)
    let isLast = offset + count == header.capacity * 512
    let grains = min(entries - first, Int(isLast ? count.divided(roundingUp: grainSize) : count >> grainBits))
    guard grains > 0 else { return 0 }
    let words = try unsafe words(table)
    for grain in first..<(first + grains) {
      if kind(unsafe words[grain]) == .data, freed.count < Self.mostFreed {
        unsafe freed.insert(UInt64(words[grain]) * 512)
      }
      unsafe words[grain] = hasParent ? 1 : 0
    }
    tables.setDirty(table)
    return min(count, UInt64(grains) << grainBits)
  }

  var isDirty: Bool { tables.dirtyCount > 0 }

  /// Makes data durable, then names it in both sets of tables.
  func flush() throws(ImageError) {
    try file.synchronize()
    guard isDirty else { return }
    try writeTables(synchronized: true)
    try file.synchronize()
  }

  private func writeTables(synchronized: Bool = false) throws(ImageError) {
    if !synchronized { try file.synchronize() }
    for table in tables.dirtyTables {
      let words = unsafe tables.words(table)!
      var bytes = [UInt8](repeating: 0, count: entries * 4)
      for index in 0..<entries { unsafe bytes.store(little: words[index], at: index * 4) }
      if !redundant.isEmpty, redundant[table] != 0 { try file.write(bytes, at: UInt64(redundant[table]) * 512) }
      try file.write(bytes, at: UInt64(directory[table]) * 512)
      tables.setClean(table)
    }
  }

  /// Gives back the grains at the file's end that read as zeros now. Only with tables that are durable, and nothing in flight.
  func trim() throws(ImageError) {
    var last = file.size
    while last >= grainSize, freed.remove(last - grainSize) != nil { last -= grainSize }
    freed = []
    guard last < file.size else { return }
    try file.truncate(to: last)
    moveEnd(to: last.roundedUp(to: grainSize)!)
  }

  /// What a repair left is all that there is.
  func moveEnd(to place: UInt64) { end = place }
}
