import Glibc

/// Blocks on their way to places of their own, each with the write that needs it there: what the block holds is read where it lies
/// now, what is to be written is put into it, and it is written as a whole. So many go on at a time, each with one transfer.
@safe struct BlockCopies: ~Copyable, @unchecked Sendable {
  // @unchecked: the memory is owned by this value alone, which moves between threads only as a whole.

  /// Most at a time; the longest blocks that there are, of 2 MiB, take 64 MiB then.
  private static let most = 32

  private struct Running {
    var request: StorageRequest
    var copy: BlockCopy
    /// The piece that is read next, and bytes that are there.
    var piece = 0
    var filled = 0
    var isWritten = false
  }

  private var running: [Running?] = Array(repeating: nil, count: Self.most)
  /// Memory of each for blocks of one size, made when it is first needed.
  private var memory: [UnsafeMutableRawPointer?] = unsafe Array(repeating: nil, count: Self.most)
  private var size = 0
  private(set) var count = 0

  init() {}

  /// While a block is on its way the kernel may still write to its memory, which is then nobody's rather than somebody else's.
  deinit {
    guard count == 0 else { return }
    for number in unsafe memory.indices { unsafe memory[number]?.deallocate() }
  }

  var isFull: Bool { count == Self.most }

  /// Whether a range touches a block that is on its way.
  func touches(_ offset: UInt64, _ bytes: Int) -> Bool {
    running.contains { one in
      one.map { $0.copy.block.overlaps(offset..<(offset + UInt64(bytes))) } ?? false
    }
  }

  /// Begins with a block that no other one touches. Not while it is full.
  /// - Returns: its number.
  mutating func begin(_ copy: BlockCopy, for request: StorageRequest) -> Int {
    let number = running.firstIndex { $0 == nil }!
    let bytes = Int(copy.block.upperBound - copy.block.lowerBound)
    if count == 0, bytes != size {
      for index in unsafe memory.indices {
        unsafe memory[index]?.deallocate()
        unsafe memory[index] = nil
      }
      size = bytes
    }
    precondition(bytes == size, "the blocks of an image are of one size")
    if unsafe memory[number] == nil {
      unsafe memory[number] = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 4096)
    }
    running[number] = Running(request: request, copy: copy)
    count += 1
    return number
  }

  /// The next transfer of a block whose last one was done; nil where there is none left.
  mutating func next(_ number: Int) -> StorageRequest? {
    var one = running[number]!
    defer { running[number] = one }
    let block = unsafe memory[number]!
    while one.piece < one.copy.pieces.count {
      let piece = one.copy.pieces[one.piece]
      let buffer = unsafe block + one.filled
      one.piece += 1
      one.filled += piece.count
      guard let place = piece.place else {
        unsafe memset(buffer, 0, piece.count)
        continue
      }
      return unsafe transfer(.read, number, place, piece.count, buffer)
    }
    guard !one.isWritten else { return nil }
    one.isWritten = true
    let inside = Int(one.request.offset - one.copy.block.lowerBound)
    unsafe (block + inside).copyMemory(from: one.request.buffer.unsafelyUnwrapped, byteCount: one.request.count)
    return unsafe transfer(.write, number, one.copy.target, size, block)
  }

  private func transfer(
    _ operation: StorageOperation, _ number: Int, _ place: BlockPlace, _ count: Int, _ buffer: UnsafeMutableRawPointer
  ) -> StorageRequest {
    var request = unsafe StorageRequest(operation, token: 0, offset: place.offset, count: count, buffer: buffer)
    request.file = place.file
    request.copy = UInt16(number + 1)
    return request
  }

  /// Ends one, done or failed.
  mutating func end(_ number: Int) -> (request: StorageRequest, copy: BlockCopy) {
    let one = running[number]!
    running[number] = nil
    count -= 1
    return (one.request, one.copy)
  }
}
