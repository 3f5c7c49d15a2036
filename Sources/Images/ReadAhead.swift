import Glibc
import LinuxSystem
import Synchronization

/// Reads a disk from its beginning to its end on a thread of its own, a few pieces ahead of who uses them. Stretches that are known
/// to be zero are passed over, and each piece comes with the parts of it that are not.
final class ReadAhead: @unchecked Sendable {
  // @unchecked: the disk belongs to the reading thread until that has ended; a buffer belongs to the thread that took its piece.

  @safe struct Piece: @unchecked Sendable {
    // @unchecked: its memory goes from thread to thread with it.
    /// Bytes from the disk's beginning.
    let offset: UInt64
    let bytes: UnsafeMutableRawBufferPointer
    /// Parts that are not zero.
    let parts: [Range<Int>]
  }

  private struct State {
    var ready: [Piece] = []
    var free: [Int]
    var failure: ImageError?
    var isAtEnd = false
    var isStopped = false
  }

  /// Bytes of a piece, and pieces in memory.
  static let pieceSize = 2 << 20
  private static let pieces = 6
  private static let alignment: UInt64 = 64 << 10

  private let disk: VirtualDisk
  private let sparse: Int
  private let memory: Mapping
  private let state: Mutex<State>
  private let filled: EventCounter
  private let freed: EventCounter
  private var thread: PinnedThread?

  /// - Parameter sparse: bytes of a part that is looked at for zeros; 0 takes every piece as a whole.
  init(_ disk: VirtualDisk, sparse: Int) throws(ImageError) {
    self.disk = disk
    self.sparse = sparse
    do throws(SystemError) {
      memory = try Mapping.anonymous(count: Self.pieces * Self.pieceSize)
      filled = try EventCounter()
      freed = try EventCounter()
      state = Mutex(State(free: Array(0..<Self.pieces)))
      thread = try PinnedThread(name: "image-read") { [unowned self] in run() }
    } catch { throw ImageError(error, .reading, disk.path) }
  }

  private func run() {
    do throws(ImageError) { try read() } catch { state.withLock { $0.failure = error } }
    state.withLock { $0.isAtEnd = true }
    filled.signal()
  }

  private func read() throws(ImageError) {
    var offset: UInt64 = 0
    while offset < disk.size {
      let extent = try disk.extent(at: offset, disk.size - offset)
      if extent.zero {
        // Pieces begin where a block of any format may.
        let end = offset + extent.length
        offset = end == disk.size ? end : max(offset, end & ~(Self.alignment - 1))
        if offset == end || extent.length >= Self.alignment { continue }
      }
      // Where a stretch of data ends is asked once: a file system may walk all of it to tell.
      let end = offset + extent.length
      while offset < end {
        guard let count = try readPiece(offset) else { return }
        offset += count
      }
    }
  }

  /// Reads what is left of the piece around an offset.
  /// - Returns: its bytes; nil where nobody wants more.
  private func readPiece(_ offset: UInt64) throws(ImageError) -> UInt64? {
    guard let number = takeBuffer() else { return nil }
    let aligned = UInt64(Self.pieceSize) - offset & UInt64(Self.pieceSize - 1)
    let count = Int(min(aligned, disk.size - offset))
    let bytes = unsafe UnsafeMutableRawBufferPointer(start: memory.base + number * Self.pieceSize, count: count)
    try unsafe disk.read(bytes, at: offset)
    let parts = unsafe sparse == 0 ? [0..<count] : ZeroSearch.ranges(of: UnsafeRawBufferPointer(bytes), piece: sparse)
    if parts.isEmpty {
      giveBack(number)
    } else {
      let piece = unsafe Piece(offset: offset, bytes: bytes, parts: parts)
      state.withLock { $0.ready.append(piece) }
      filled.signal()
    }
    return UInt64(count)
  }

  /// Blocks until there is room; nil where nobody wants more.
  private func takeBuffer() -> Int? {
    while true {
      let (number, isStopped) = state.withLock { ($0.free.popLast(), $0.isStopped) }
      if isStopped { return nil }
      if let number { return number }
      _ = freed.take()
    }
  }

  private func giveBack(_ number: Int) {
    state.withLock { $0.free.append(number) }
    freed.signal()
  }

  /// The next piece that is not all zero; nil at the end. Blocks until it is read.
  func next() throws(ImageError) -> Piece? {
    while true {
      let (piece, failure, isAtEnd) = state.withLock { state in
        (state.ready.isEmpty ? nil : state.ready.removeFirst(), state.failure, state.isAtEnd)
      }
      if let piece = piece { return piece }
      if let failure { throw failure }
      if isAtEnd { return nil }
      _ = filled.take()
    }
  }

  /// The piece's memory may be used for another.
  func done(_ piece: Piece) {
    giveBack((unsafe piece.bytes.baseAddress! - memory.base) / Self.pieceSize)
  }

  deinit {
    state.withLock { $0.isStopped = true }
    freed.signal()
    thread?.join()
  }
}
