/// Signed integers as HdrHistogram's V2 encoding writes them: zig-zag, then little-endian groups of seven bits; a ninth
/// byte, where there is one, carries eight.
enum ZigZag {
  static func append(_ value: Int64, to bytes: inout [UInt8]) {
    var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
    for _ in 0..<8 {
      if rest < 0x80 {
        bytes.append(UInt8(rest))
        return
      }
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Reads one number from the front of `bytes` and removes it; nil where they end inside a number.
  static func take(from bytes: inout ArraySlice<UInt8>) -> Int64? {
    var coded: UInt64 = 0
    for group in 0..<9 {
      guard let byte = bytes.popFirst() else { return nil }
      let payload = group == 8 ? UInt64(byte) : UInt64(byte & 0x7f)
      coded |= payload << UInt64(7 * group)
      if group == 8 || byte < 0x80 { break }
    }
    return Int64(bitPattern: coded >> 1) ^ -Int64(bitPattern: coded & 1)
  }
}
