import Frames
import Glibc

/// Receive buffers that were taken off a queue and hold no frame yet, in the order in which the driver gave them.
@safe struct ReceiveBuffers: ~Copyable {
  private struct Chain {
    var id: UInt16
    var elements: UInt16
    var pieces: Int
    var bytes: Int
  }

  private let chains: UnsafeMutablePointer<Chain>
  private let chainCapacity: Int
  private var firstChain = 0
  private var lastChain = 0
  private let pieces: UnsafeMutablePointer<iovec>
  private let pieceCapacity: Int
  private var firstPiece = 0
  private var lastPiece = 0
  /// Bytes of all of them.
  private(set) var bytes = 0
  /// Places of the ring that they take up.
  private(set) var elements = 0

  /// - Parameter longest: pieces of the longest chain.
  init(longest: Int) {
    // One place stays free for a piece behind the last.
    pieceCapacity = 2 * (FrameLimits.pieces + longest)
    chainCapacity = 2 * FrameLimits.pieces
    unsafe pieces = .allocate(capacity: pieceCapacity)
    unsafe chains = .allocate(capacity: chainCapacity)
  }

  deinit {
    unsafe pieces.deallocate()
    unsafe chains.deallocate()
  }

  var isEmpty: Bool { firstChain == lastChain }
  var pieceCount: Int { lastPiece - firstPiece }
  /// Bytes of the first piece.
  var firstCount: Int { unsafe isEmpty ? 0 : pieces[firstPiece].iov_len }

  /// Adds the writable part of a chain, which is not empty; there are less than `FrameLimits.pieces` pieces before.
  @inline(__always)
  mutating func append(_ chain: borrowing DescriptorChain) {
    let count = chain.count - chain.readableCount
    if lastPiece + count >= pieceCapacity || lastChain == chainCapacity { slide() }
    for index in chain.readableCount..<chain.count {
      let segment = chain[index]
      unsafe pieces[lastPiece] = unsafe iovec(iov_base: segment.host, iov_len: Int(segment.count))
      lastPiece += 1
    }
    unsafe chains[lastChain] = Chain(
      id: chain.id, elements: chain.elements, pieces: count, bytes: Int(chain.writableBytes))
    lastChain += 1
    bytes += Int(chain.writableBytes)
    elements += Int(chain.elements)
  }

  /// Moves what there is to the start of its memory.
  @inline(never)
  private mutating func slide() {
    unsafe pieces.update(from: pieces + firstPiece, count: pieceCount)
    unsafe chains.update(from: chains + firstChain, count: lastChain - firstChain)
    (firstPiece, lastPiece) = (0, pieceCount)
    (firstChain, lastChain) = (0, lastChain - firstChain)
  }

  /// Lends the pieces without the first `NetHeader.size` bytes, and one more piece behind them. The first piece is longer than
  /// that.
  @inline(__always)
  mutating func withFramePieces(
    spill: UnsafeMutableRawPointer, _ body: (UnsafeBufferPointer<iovec>) -> Int
  ) -> Int {
    let first = unsafe pieces[firstPiece]
    unsafe pieces[firstPiece] = unsafe iovec(
      iov_base: first.iov_base + NetHeader.size, iov_len: first.iov_len - NetHeader.size)
    unsafe pieces[lastPiece] = unsafe iovec(iov_base: spill, iov_len: NetContext.bounceSize)
    let result = unsafe body(UnsafeBufferPointer(start: pieces + firstPiece, count: pieceCount + 1))
    unsafe pieces[firstPiece] = unsafe first
    return result
  }

  /// The address that a frame received in place goes to, as the guest's memory has it.
  var destination: EthernetAddress {
    @inline(__always) get {
      let start = unsafe pieces[firstPiece].iov_base + NetHeader.size
      return unsafe EthernetAddress(rawValue: UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)))
    }
  }

  /// Copies a frame that was received in place, and went on in `spill`, to one place. The first piece is longer than a header.
  /// - Parameter count: bytes of it, more than the buffers have room for.
  func collect(_ count: Int, spill: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
    var done = 0
    var skipped = NetHeader.size
    for index in firstPiece..<lastPiece {
      let piece = unsafe pieces[index]
      let part = unsafe piece.iov_len - skipped
      unsafe (target + done).copyMemory(from: piece.iov_base + skipped, byteCount: part)
      skipped = 0
      done += part
    }
    unsafe (target + done).copyMemory(from: spill, byteCount: count - done)
  }

  /// Copies bytes to the front of the buffers; they have room.
  func copy(from source: UnsafeRawPointer, count: Int) {
    var done = 0
    var index = firstPiece
    while done < count {
      let piece = unsafe pieces[index]
      let part = unsafe min(piece.iov_len, count - done)
      unsafe piece.iov_base.copyMemory(from: source + done, byteCount: part)
      done += part
      index += 1
    }
  }

  /// Chains that so many bytes take up; there are that many.
  @inline(__always)
  func chainCount(for count: Int) -> Int {
    var index = firstChain
    var left = count
    while left > 0 {
      left -= unsafe chains[index].bytes
      index += 1
    }
    return index - firstChain
  }

  /// Writes a header where it stands in the first piece.
  @inline(__always)
  func store(_ header: NetHeader) {
    unsafe pieces[firstPiece].iov_base.storeBytes(of: header, as: NetHeader.self)
  }

  /// Gives the chains back that a header and a frame of together `count` bytes take up.
  @inline(__always)
  mutating func use<Queue: DeviceQueue & ~Copyable>(_ count: Int, _ queues: inout ServedQueues<Queue>, _ queue: Int) {
    var left = count
    while left > 0 {
      let chain = unsafe chains[firstChain]
      let written = min(left, chain.bytes)
      queues.push(queue, id: chain.id, elements: chain.elements, written: UInt32(truncatingIfNeeded: written))
      left -= written
      bytes -= chain.bytes
      elements -= Int(chain.elements)
      firstPiece += chain.pieces
      firstChain += 1
    }
    if firstChain == lastChain { (firstChain, lastChain, firstPiece, lastPiece) = (0, 0, 0, 0) }
  }
}
