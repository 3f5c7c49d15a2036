import Glibc

/// Which parts of a buffer hold anything but zeros.
enum ZeroSearch {
  /// Ranges of whole pieces that are not zero, neighbours together.
  /// - Parameter piece: bytes of a piece; the last one may be shorter.
  static func ranges(of buffer: UnsafeRawBufferPointer, piece: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    while start < buffer.count {
      let end = min(start + piece, buffer.count)
      if unsafe !isZero(UnsafeRawBufferPointer(rebasing: buffer[start..<end])) {
        if let last = ranges.last, last.upperBound == start {
          ranges[ranges.count - 1] = last.lowerBound..<end
        } else {
          ranges.append(start..<end)
        }
      }
      start = end
    }
    return ranges
  }

  /// Whether all bytes are zero: the first ones are, and each is like the one eight bytes before it.
  static func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress else { return true }
    if bytes.count < 16 { return unsafe bytes.allSatisfy { $0 == 0 } }
    return unsafe base.loadUnaligned(as: UInt64.self) == 0 && memcmp(base, base + 8, bytes.count - 8) == 0
  }
}
