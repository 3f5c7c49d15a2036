import CLinux
import GuestMemory

/// What one available buffer describes, copied out of the ring once and checked: first what the device reads, then what it
/// writes. The memory is allocated once and used for every chain.
@safe struct DescriptorChain: ~Copyable {
  private let segments: UnsafeMutablePointer<ChainSegment>
  private let capacity: Int

  /// Names the buffer when it is given back: head index, or packed buffer id.
  var id: UInt16 = 0
  /// Ring elements that the buffer takes up; what a packed ring must skip.
  var elements: UInt16 = 0
  /// Where the segments stand that were not cut off.
  private var first = 0
  private var last = 0
  /// Segments that the device reads; those that it writes follow them.
  private(set) var readableCount = 0
  private(set) var readableBytes: UInt64 = 0
  private(set) var writableBytes: UInt64 = 0
  private var walked = 0

  /// - Parameter capacity: the longest chain: the queue's size (virtio 1.2 §2.7.5.3.1).
  init(capacity: Int) {
    self.capacity = capacity
    unsafe segments = .allocate(capacity: capacity)
  }

  deinit {
    unsafe segments.deallocate()
  }

  /// Segments of both parts.
  var count: Int { last - first }

  subscript(index: Int) -> ChainSegment {
    @inline(__always) get {
      precondition(index >= 0 && index < count)
      return unsafe segments[first + index]
    }
  }

  @inline(__always)
  mutating func begin(id: UInt16) {
    self.id = id
    elements = 0
    first = 0
    last = 0
    readableCount = 0
    readableBytes = 0
    writableBytes = 0
    walked = 0
  }

  /// Adds one descriptor's buffer. An empty buffer adds nothing but counts as a step.
  @inline(__always)
  mutating func append(
    _ address: UInt64, _ length: UInt32, writable: Bool, _ window: GuestWindow
  ) throws(VirtqueueFailure) {
    walked += 1
    guard walked <= capacity else { throw .chainTooLong }
    if length == 0 { return }
    guard let host = unsafe window.host(address, UInt64(length)) else { throw .buffer(GuestAddress(address), length) }
    if writable {
      writableBytes += UInt64(length)
    } else {
      guard writableBytes == 0 else { throw .readableAfterWritable }
      readableCount += 1
      readableBytes += UInt64(length)
    }
    unsafe segments[last] = unsafe ChainSegment(host: host, count: length)
    last += 1
  }

  /// Cuts bytes off the front of the readable part and copies them out, each read once.
  /// - Returns: whether there were that many.
  @inline(__always)
  mutating func takeReadable(_ target: UnsafeMutableRawBufferPointer) -> Bool {
    guard target.count > 0, readableBytes >= UInt64(target.count) else { return target.count == 0 }
    let segment = unsafe segments[first]
    guard _fastPath(Int(segment.count) >= target.count) else {
      unsafe takeScattered(target)
      return true
    }
    unsafe Self.copyOnce(segment.host, to: target)
    dropReadable(UInt64(target.count), of: segment)
    return true
  }

  /// Copies by single loads, which for a header of known size is cheaper than a call.
  @inline(__always)
  private static func copyOnce(_ source: UnsafeRawPointer, to target: UnsafeMutableRawBufferPointer) {
    var done = 0
    while target.count - done >= 8 {
      unsafe target.storeBytes(of: nm_shared_load64(source + done), toByteOffset: done, as: UInt64.self)
      done += 8
    }
    while done < target.count {
      unsafe target.storeBytes(of: nm_shared_load8(source + done), toByteOffset: done, as: UInt8.self)
      done += 1
    }
  }

  /// Takes what does not lie in one segment. The readable part has that many bytes.
  @inline(never)
  private mutating func takeScattered(_ target: UnsafeMutableRawBufferPointer) {
    var done = 0
    while done < target.count {
      let segment = unsafe segments[first]
      let piece = min(Int(segment.count), target.count - done)
      unsafe (target.baseAddress! + done).copyMemory(from: segment.host, byteCount: piece)
      done += piece
      dropReadable(UInt64(piece), of: segment)
    }
  }

  /// Cuts bytes off the first segment, which has that many, and is the readable part's.
  @inline(__always)
  private mutating func dropReadable(_ count: UInt64, of segment: ChainSegment) {
    if count == UInt64(segment.count) {
      first += 1
      readableCount -= 1
    } else {
      unsafe segments[first] = unsafe ChainSegment(
        host: segment.host + Int(count), count: segment.count - UInt32(truncatingIfNeeded: count))
    }
    readableBytes -= count
  }

  /// Cuts bytes off the front of the readable part, which has them.
  mutating func dropReadable(_ count: UInt64) {
    var left = count
    while left > 0 {
      let segment = unsafe segments[first]
      let piece = min(UInt64(segment.count), left)
      dropReadable(piece, of: segment)
      left -= piece
    }
  }

  /// Cuts the last byte off the writable part and returns its address, nil where there is none.
  @inline(__always)
  mutating func takeLastWritableByte() -> UnsafeMutableRawPointer? {
    guard writableBytes > 0 else { return nil }
    let segment = unsafe segments[last - 1]
    writableBytes -= 1
    if segment.count == 1 {
      last -= 1
      return unsafe segment.host
    }
    unsafe segments[last - 1] = unsafe ChainSegment(host: segment.host, count: segment.count - 1)
    return unsafe segment.host + Int(segment.count - 1)
  }
}

/// One buffer of a request, checked to be RAM.
@safe struct ChainSegment: BitwiseCopyable {
  let host: UnsafeMutableRawPointer
  let count: UInt32
}
