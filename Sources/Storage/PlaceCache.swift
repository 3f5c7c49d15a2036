/// Where the pieces of a disk lie that were asked for lately, so that most requests ask no map: a fixed number of entries, found by the
/// piece's number.
@safe struct PlaceCache: ~Copyable, @unchecked Sendable {
  // @unchecked: the memory is owned by this value alone, which moves between threads only as a whole.

  private struct Entry {
    /// Generation, number of the piece, and whether it may be written; 0 for no entry.
    var key: UInt64
    /// Offset in the file, which is of whole sectors, and in the bits below the file's number.
    var place: UInt64
  }

  /// Bytes of a piece.
  static let pieceSize: UInt64 = 64 << 10
  private static let pieceBits: UInt64 = 16
  private static let count = 8192
  private static let lastGeneration: UInt64 = 0xffff
  private static let fileBits: UInt64 = 0x1ff

  private let entries: UnsafeMutablePointer<Entry>
  private var generation: UInt64 = 1

  init() {
    unsafe entries = .allocate(capacity: Self.count)
    unsafe entries.initialize(repeating: Entry(key: 0, place: 0), count: Self.count)
  }

  deinit { unsafe entries.deallocate() }

  @inline(__always)
  private func key(_ piece: UInt64, writing: Bool) -> UInt64 { generation << 48 | piece << 1 | (writing ? 1 : 0) }

  @inline(__always)
  private func entry(_ piece: UInt64) -> UnsafeMutablePointer<Entry> {
    unsafe entries + Int(truncatingIfNeeded: piece & UInt64(Self.count - 1))
  }

  /// Where a range lies; nil where that is not known, or the range is of more than one piece.
  @inline(__always)
  func find(_ offset: UInt64, _ count: Int, writing: Bool) -> BlockPlace? {
    let piece = offset >> Self.pieceBits
    let inside = offset & (Self.pieceSize - 1)
    guard inside &+ UInt64(truncatingIfNeeded: count) <= Self.pieceSize else { return nil }
    let entry = unsafe entry(piece).pointee
    // What may be written may be read.
    guard entry.key == key(piece, writing: true) || (!writing && entry.key == key(piece, writing: false)) else {
      return nil
    }
    return BlockPlace(
      file: UInt16(truncatingIfNeeded: entry.place & Self.fileBits), offset: entry.place & ~Self.fileBits &+ inside)
  }

  /// Keeps where a whole piece lies.
  /// - Parameter offset: of the piece.
  func keep(_ place: BlockPlace, of offset: UInt64, writing: Bool) {
    guard place.offset & Self.fileBits == 0, UInt64(place.file) <= Self.fileBits else { return }
    let piece = offset >> Self.pieceBits
    unsafe entry(piece).pointee = Entry(key: key(piece, writing: writing), place: place.offset | UInt64(place.file))
  }

  /// Forgets everything.
  mutating func clear() {
    if generation == Self.lastGeneration {
      unsafe entries.update(repeating: Entry(key: 0, place: 0), count: Self.count)
      generation = 0
    }
    generation += 1
  }
}
