import LinuxSystem

/// A VHD: fixed; or dynamic or differencing, with a table (BAT) that names blocks, each behind a bitmap of its sectors
/// (specification 1.0, "Block Allocation Table and Data Blocks").
///
/// In a dynamic disk a block that is there is valid as a whole: whoever makes one makes it of zeros. In a differencing disk the
/// bitmap says which sectors are the image's own.
final class VHDDriver: ImageDriver {
  let format = ImageFormat.vpc
  let files: [ImageFile]
  let size: UInt64
  let kind: VHDFooter.Kind
  private(set) var footer: VHDFooter
  private(set) var header: VHDHeader?
  private(set) var parent: ParentReference?
  /// Whether the footer at the end, and the copy at the beginning, are there and the same.
  private(set) var footerProblems: [String]
  /// Pieces of the BAT, 64 KiB each, and bitmaps by block.
  private let table: TableCache<UInt32>
  private let bitmaps: TableCache<UInt8>
  let blockSize: UInt64
  private let blockBits: UInt64
  /// Bytes of a bitmap, in whole sectors.
  let bitmapSize: UInt64
  /// Where the footer at the end is, or would be.
  private(set) var end: UInt64
  /// Entries of the table that matter.
  let blocks: Int
  /// Blocks that are placed and not linked.
  private var placed: [Int: UInt32] = [:]

  private static let pieceBits = 14
  static let absent = UInt32.max
  /// Where the data of new blocks begins: so that transfers past the page cache need no detour on any disk.
  private static let dataAlignment: UInt64 = 4096

  var file: ImageFile { files[0] }
  var identifier: [UInt8] { footer.identifier }

  init(_ file: ImageFile) throws(ImageError) {
    files = [file]
    let found = try VHDFooter.read(file)
    (footer, end, footerProblems) = (found.footer, found.end, found.problems)
    kind = footer.kind
    guard let bytes = footer.diskSize.roundedUp(to: 512), bytes <= UInt64(Int64.max) else {
      throw ImageError(.malformed, file.path, "a disk of \(footer.diskSize) bytes")
    }
    size = bytes
    var tables = (pieces: 0, blocks: 0)
    if kind == .fixed {
      guard size <= end else {
        throw ImageError(.malformed, file.path, "a disk of \(size) bytes in a file of \(file.size)")
      }
      (blockSize, blockBits, bitmapSize, blocks, header) = (512, 9, 0, 0, nil)
    } else {
      let header = try VHDHeader.read(file, footer, size: size)
      self.header = header
      blockSize = UInt64(header.blockSize)
      blockBits = UInt64(header.blockSize.trailingZeroBitCount)
      bitmapSize = max(512, UInt64(header.blockSize) / 512 / 8)
      blocks = Int(size >> blockBits) + 1
      tables = (blocks >> Self.pieceBits + 1, blocks)
    }
    do throws(SystemError) {
      table = try TableCache(tables: tables.pieces, words: 1 << Self.pieceBits, budget: 4 << 20)
      bitmaps = try TableCache(
        tables: kind == .differencing ? tables.blocks : 0, words: max(512, Int(bitmapSize)), budget: 4 << 20)
    } catch { throw ImageError(error, .reading, file.path) }
    if kind == .differencing, let header {
      guard let name = try VHDParentName.find(header, in: file) else {
        throw ImageError(.malformed, file.path, "a differencing disk that names no parent")
      }
      parent = ParentReference(name: name, format: .vpc, identity: .vhd(header.parentIdentifier))
    }
  }

  // MARK: Finding

  func find(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> Extent {
    if kind == .fixed { return Extent(kind: .data, count: count, position: offset) }
    let inside = offset & (blockSize - 1)
    let count = min(count, blockSize - inside)
    let block = Int(offset >> blockBits)
    let sector = try entry(block)
    guard sector != Self.absent else { return Extent(kind: .absent, count: count) }
    let start = UInt64(sector) * 512 + bitmapSize
    guard start < file.size else {
      throw ImageError(.malformed, file.path, "block \(block) at sector \(sector), past the file's end")
    }
    guard kind == .differencing else { return Extent(kind: .data, count: count, position: start + inside) }
    let words = try unsafe bitmap(block, sector)
    let first = Int(inside / 512)
    let isOwn = unsafe Self.bit(words, first)
    let limit = first + Int((count + 511) / 512)
    var next = first + 1
    while next < limit {
      // Eight sectors at a time where they are all the same.
      if next & 7 == 0, next + 8 <= limit, unsafe words[next >> 3] == (isOwn ? 0xff : 0) {
        next += 8
      } else if unsafe Self.bit(words, next) == isOwn {
        next += 1
      } else {
        break
      }
    }
    let reach = min(count, UInt64(next - first) * 512)
    return isOwn ? Extent(kind: .data, count: reach, position: start + inside) : Extent(kind: .absent, count: reach)
  }

  func survey(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> Extent { surveyHoles(try find(offset, count)) }

  private static func bit(_ words: UnsafeMutablePointer<UInt8>, _ sector: Int) -> Bool {
    unsafe words[sector >> 3] & (0x80 >> UInt8(sector & 7)) != 0
  }

  /// The sector of a block's bitmap.
  @inline(__always)
  func entry(_ block: Int) throws(ImageError) -> UInt32 {
    let piece = block >> Self.pieceBits
    if let words = unsafe table.words(piece) { return unsafe words[block & (1 << Self.pieceBits - 1)] }
    return try unsafe loadPiece(piece)[block & (1 << Self.pieceBits - 1)]
  }

  private func loadPiece(_ piece: Int) throws(ImageError) -> UnsafeMutablePointer<UInt32> {
    if unsafe table.words(piece) == nil {
      let words = try unsafe room(table, piece)
      let first = piece << Self.pieceBits
      let count = min(1 << Self.pieceBits, min(blocks, Int(header!.entries)) - first)
      do throws(ImageError) {
        try unsafe file.read(
          UnsafeMutableRawBufferPointer(start: words, count: max(0, count) * 4),
          at: header!.tableOffset + UInt64(first) * 4)
      } catch {
        table.remove(piece)
        throw error
      }
      for index in 0..<(1 << Self.pieceBits) {
        unsafe words[index] = index < count ? UInt32(bigEndian: words[index]) : Self.absent
      }
    }
    return unsafe table.words(piece)!
  }

  private func bitmap(_ block: Int, _ sector: UInt32) throws(ImageError) -> UnsafeMutablePointer<UInt8> {
    if let words = unsafe bitmaps.words(block) { return unsafe words }
    let words = try unsafe room(bitmaps, block)
    do throws(ImageError) {
      try unsafe file.read(
        UnsafeMutableRawBufferPointer(start: words, count: Int(bitmapSize)), at: UInt64(sector) * 512)
    } catch {
      bitmaps.remove(block)
      throw error
    }
    return unsafe words
  }

  private func room<Word>(_ cache: TableCache<Word>, _ number: Int) throws(ImageError) -> UnsafeMutablePointer<Word> {
    if let words = unsafe cache.insert(number) { return unsafe words }
    try flush()
    return unsafe cache.insert(number)!
  }

  // MARK: Changing

  func beginWriting() throws(ImageError) {
    guard kind != .fixed, !footerProblems.isEmpty else { return }
    try writeFooters()
    try file.synchronize()
  }

  private func writeFooters() throws(ImageError) {
    try file.write(footer.bytes, at: end)
    try file.write(footer.bytes, at: 0)
    footerProblems = []
  }

  func place(_ offset: UInt64, _ count: UInt64, instead extent: Extent) throws(ImageError) -> Placement {
    let block = Int(offset >> blockBits)
    var sector: UInt32
    if let known = placed[block] { sector = known } else { sector = try entry(block) }
    if sector == Self.absent { sector = try makeBlock(block) }
    let inside = offset & (blockSize - 1)
    let range = offset..<(offset + min(count, extent.count, blockSize - inside))
    return Placement(file: 0, position: UInt64(sector) * 512 + bitmapSize + inside, block: range, needsRest: false)
  }

  /// Makes room for a block behind the last one. The footer moves first: at any moment there is one at the end of the file.
  private func makeBlock(_ block: Int) throws(ImageError) -> UInt32 {
    let data = (end + bitmapSize).roundedUp(to: Self.dataAlignment)!
    let sector = (data - bitmapSize) / 512
    guard sector < UInt64(Self.absent) else {
      throw ImageError.tooLarge(file.path, "it would become larger than a VHD can be")
    }
    try file.write(footer.bytes, at: data + blockSize)
    try file.write([UInt8](repeating: kind == .dynamic ? 0xff : 0, count: Int(bitmapSize)), at: data - bitmapSize)
    end = data + blockSize
    placed[block] = UInt32(sector)
    return UInt32(sector)
  }

  func link(_ placement: Placement, _ range: Range<UInt64>) throws(ImageError) {
    let block = Int(range.lowerBound >> blockBits)
    let piece = block >> Self.pieceBits
    if let sector = placed.removeValue(forKey: block) {
      let words = try unsafe loadPiece(piece)
      unsafe words[block & (1 << Self.pieceBits - 1)] = sector
      table.setDirty(piece)
    }
    guard kind == .differencing else { return }
    let words = try unsafe bitmap(block, entry(block))
    let first = Int((range.lowerBound & (blockSize - 1)) / 512)
    for sector in first..<(first + range.count / 512) { unsafe words[sector >> 3] |= 0x80 >> UInt8(sector & 7) }
    bitmaps.setDirty(block)
  }

  func zero(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> UInt64 {
    let extent = try find(offset, count)
    guard extent.kind == .data else { return 0 }
    return file.punch(extent.count, at: extent.position) ? extent.count : 0
  }

  /// The footer is at another place now.
  func moveEnd(to place: UInt64) { end = place }

  var hasUnwrittenMetadata: Bool { table.dirtyCount > 0 || bitmaps.dirtyCount > 0 }

  /// Data and new footers and bitmaps; then what refers to them.
  func flush() throws(ImageError) {
    try file.synchronize()
    guard hasUnwrittenMetadata else { return }
    for block in bitmaps.dirtyTables {
      try unsafe file.write(
        UnsafeRawBufferPointer(start: bitmaps.words(block)!, count: Int(bitmapSize)), at: UInt64(entry(block)) * 512)
      bitmaps.setClean(block)
    }
    for piece in table.dirtyTables {
      let words = unsafe table.words(piece)!
      let first = piece << Self.pieceBits
      let count = min(1 << Self.pieceBits, min(blocks, Int(header!.entries)) - first)
      var bytes = [UInt8](repeating: 0, count: count * 4)
      for index in 0..<count { unsafe bytes.store(big: words[index], at: index * 4) }
      try file.write(bytes, at: header!.tableOffset + UInt64(first) * 4)
      table.setClean(piece)
    }
    try file.synchronize()
  }

  func setParent(_ parent: ParentReference?) throws(ImageError) {
    guard kind == .differencing, var header, let parent, case .vhd(let identifier) = parent.identity else {
      throw ImageError(.refused, file.path, "only a differencing VHD has a parent, and always one, which is a VHD")
    }
    try flush()
    let texts = VHDCreation.locators(parent.name, of: file.path)
    var locators: [VHDHeader.Locator] = []
    // The new texts go into the room of the old ones where they fit, else there is none.
    for (text, old) in zip(texts, header.locators.filter { $0.count > 0 }) {
      guard text.bytes.count <= (old.count + 511) & ~511 else {
        throw ImageError(.refused, file.path, "the parent's name is longer than there is room for")
      }
      try file.write(
        text.bytes + [UInt8](repeating: 0, count: (old.count + 511) & ~511 - text.bytes.count), at: old.offset)
      locators.append(VHDHeader.Locator(platform: text.platform, count: text.bytes.count, offset: old.offset))
    }
    header.setParent(ImageFolder.name(of: parent.name), identifier: identifier, time: 0, locators: locators)
    try file.write(header.bytes, at: footer.headerOffset)
    try file.synchronize()
    self.header = header
    self.parent = parent
  }

  var details: [ImageInfo.Detail] {
    let geometry = footer.geometry
    return [
      ImageInfo.Detail("subformat", kind.name),
      ImageInfo.Detail("creator", String(decoding: footer.creator, as: UTF8.self).printable),
      ImageInfo.Detail("geometry", "\(geometry.cylinders)/\(geometry.heads)/\(geometry.sectors)"),
      ImageInfo.Detail("identifier", identifier.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()),
    ]
  }
}
