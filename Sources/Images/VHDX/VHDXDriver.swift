import LinuxSystem

/// A VHDX without a parent, for reading: a table (BAT) names blocks (MS-VHDX §2.5).
final class VHDXDriver: ImageDriver {
  let format = ImageFormat.vhdx
  let files: [ImageFile]
  private let metadata: VHDXMetadata
  /// Pieces of the table.
  private let table: TableCache<UInt64>
  private let blockBits: UInt64
  private static let pieceBits: UInt64 = 13

  var file: ImageFile { files[0] }
  var size: UInt64 { metadata.size }
  var blockSize: UInt64 { metadata.blockSize }
  var writeRefusal: String? { "a VHDX can only be read; image convert makes another format of it" }

  /// States of a block. What is in no other state has no content.
  private enum State {
    static let whole: UInt64 = 6
    static let partial: UInt64 = 7
  }

  init(_ file: ImageFile) throws(ImageError) {
    files = [file]
    metadata = try VHDXMetadata(file)
    blockBits = UInt64(metadata.blockSize.trailingZeroBitCount)
    let blocks = metadata.size.divided(roundingUp: metadata.blockSize)
    let entries = blocks + blocks / metadata.chunk + 1
    do throws(SystemError) {
      table = try TableCache(
        tables: Int(entries >> Self.pieceBits) + 1, words: 1 << Int(Self.pieceBits), budget: 4 << 20)
    } catch { throw ImageError(error, .reading, file.path) }
  }

  func find(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> Extent {
    let inside = offset & (blockSize - 1)
    let count = min(count, blockSize - inside)
    let block = offset >> blockBits
    guard let position = try place(block) else { return Extent(kind: .zero, count: count) }
    guard position < file.size else {
      throw ImageError(.malformed, file.path, "block \(block) at \(position), past the file's end")
    }
    return Extent(kind: .data, count: count, position: position + inside)
  }

  func survey(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> Extent { surveyHoles(try find(offset, count)) }

  /// Where a block is; nil for one without content.
  private func place(_ block: UInt64) throws(ImageError) -> UInt64? {
    let word = try entry(block + block / metadata.chunk)
    switch word & 7 {
    case State.whole: return (word >> 20) << 20
    case State.partial:
      throw ImageError(.malformed, file.path, "block \(block) has parts in a parent, which there is none of")
    default: return nil
    }
  }

  private func entry(_ index: UInt64) throws(ImageError) -> UInt64 {
    let (piece, place) = (Int(index >> Self.pieceBits), Int(index & (1 << Self.pieceBits - 1)))
    if let words = unsafe table.words(piece) { return unsafe words[place] }
    guard let words = unsafe table.insert(piece) else {
      throw ImageError(.reading, file.path, "its table does not fit into memory")
    }
    let count = 1 << Int(Self.pieceBits)
    do throws(ImageError) {
      try unsafe file.read(
        UnsafeMutableRawBufferPointer(start: words, count: count * 8),
        at: metadata.tableOffset + UInt64(piece) << (Self.pieceBits + 3))
    } catch {
      table.remove(piece)
      throw error
    }
    for number in 0..<count { unsafe words[number] = UInt64(littleEndian: words[number]) }
    return unsafe words[place]
  }

  func place(_ offset: UInt64, _ count: UInt64, instead extent: Extent) throws(ImageError) -> Placement {
    throw .readOnly(file.path)
  }

  func link(_ placement: Placement, _ range: Range<UInt64>) throws(ImageError) { throw .readOnly(file.path) }
  func zero(_ offset: UInt64, _ count: UInt64) throws(ImageError) -> UInt64 { throw .readOnly(file.path) }
  func flush() {}

  func check(_ repair: CheckRepair) throws(ImageError) -> CheckReport {
    var report = CheckReport(self)
    var places: [UInt64] = []
    for block in 0..<size.divided(roundingUp: blockSize) {
      guard let position = try place(block) else { continue }
      report.allocatedClusters += 1
      if position < 1 << 20 || position >= file.size || blockSize > file.size - position {
        report.corruption("block \(block) at \(position) is where none can be")
      } else if UInt64(places.count) > file.size / blockSize {
        report.corruption("there are more blocks than the file has room for")
        return report
      } else {
        places.append(position)
      }
    }
    places.sort()
    for (one, next) in zip(places, places.dropFirst()) where next - one < blockSize {
      report.corruption("two blocks overlap at \(next)")
    }
    report.imageEndOffset = places.last.map { $0 + blockSize } ?? file.size
    return report
  }

  var details: [ImageInfo.Detail] {
    [ImageInfo.Detail("log-is-empty", true), ImageInfo.Detail("logical-sector-size", metadata.sectorSize)]
  }
}
