/// The checksum of the Internet protocols (RFC 1071): the complement of the ones' complement sum of 16-bit words.
enum InternetChecksum {
  /// The sum of bytes, not yet folded, words taken in the order of the wire. An odd last byte is the high half of a word.
  static func sum(_ bytes: UnsafeRawBufferPointer, from initial: UInt64 = 0) -> UInt64 {
    var total = initial
    var index = 0
    while index + 4 <= bytes.count {
      total &+= UInt64(unsafe UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self)))
      index += 4
    }
    if index + 2 <= bytes.count {
      total &+= UInt64(unsafe UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt16.self)))
      index += 2
    }
    if index < bytes.count { total &+= unsafe UInt64(bytes[index]) << 8 }
    return total
  }

  /// What is stored, in the order of the wire, for a sum.
  static func finish(_ sum: UInt64) -> UInt16 {
    var folded = sum
    while folded > 0xffff { folded = (folded & 0xffff) &+ (folded >> 16) }
    return ~UInt16(truncatingIfNeeded: folded)
  }
}
