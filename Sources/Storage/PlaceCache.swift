/// Where the pieces of a disk lie that were asked for lately, so that most requests ask no map: a fixed number of entries, found by the
/// piece's number.
///
/// Images mostly lie in long stretches. What does for 2 MiB is kept so, in a few cache lines; a table of pieces of 64 KiB, which is looked
/// at where a long one is not known, costs a request that moves 4 KiB another miss.
@safe struct PlaceCache: ~Copyable, @unchecked Sendable {
  // @unchecked: the memory is owned by this value alone, which moves between threads only as a whole.

  private struct Entry {
    /// Generation, number of the piece, and whether it may be written; 0 for no entry.
    var key: UInt64
    /// Offset in the file, which is of whole sectors, and in the bits below the file's number.
    var place: UInt64
  }

  /// A size of pieces.
  enum Size: CaseIterable {
    case long, short

    /// Bytes, as a power of two.
    fileprivate var bits: UInt64 { self == .long ? 21 : 16 }
    var bytes: UInt64 { 1 << bits }
    /// Entries, a power of two, and how many entries of other sizes are before them.
    fileprivate var count: UInt64 { self == .long ? 1024 : 8192 }
    fileprivate var first: Int { self == .long ? 0 : 1024 }

    /// Where the piece begins that an offset is in.
    func start(_ offset: UInt64) -> UInt64 { offset & ~(bytes - 1) }
  }

  private static let count = 1024 + 8192
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
  private func entry(_ piece: UInt64, _ size: Size) -> UnsafeMutablePointer<Entry> {
    unsafe entries + size.first + Int(truncatingIfNeeded: piece & (size.count - 1))
  }

  /// Where a range lies; nil where that is not known, or the range is of more than one piece.
  @inline(__always)
  func find(_ offset: UInt64, _ count: Int, writing: Bool) -> BlockPlace? {
    if let place = find(offset, count, writing: writing, .long) { return place }
    return find(offset, count, writing: writing, .short)
  }

  @inline(__always)
  private func find(_ offset: UInt64, _ count: Int, writing: Bool, _ size: Size) -> BlockPlace? {
    let piece = offset >> size.bits
    let inside = offset & (size.bytes - 1)
    guard inside &+ UInt64(truncatingIfNeeded: count) <= size.bytes else { return nil }
    let entry = unsafe entry(piece, size).pointee
    // What may be written may be read.
    guard entry.key == key(piece, writing: true) || (!writing && entry.key == key(piece, writing: false)) else {
      return nil
    }
    return BlockPlace(
      file: UInt16(truncatingIfNeeded: entry.place & Self.fileBits), offset: entry.place & ~Self.fileBits &+ inside)
  }

  /// Keeps where a whole piece lies.
  /// - Parameter offset: of the piece.
  func keep(_ place: BlockPlace, of offset: UInt64, _ size: Size, writing: Bool) {
    guard place.offset & Self.fileBits == 0, UInt64(place.file) <= Self.fileBits else { return }
    let piece = offset >> size.bits
    unsafe entry(piece, size).pointee = Entry(
      key: key(piece, writing: writing), place: place.offset | UInt64(place.file))
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
