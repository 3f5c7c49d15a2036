/// The checksum of VHDX: CRC-32 with Castagnoli's polynomial (RFC 3720 §12.1).
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0x82F6_3B78 }
  }

  /// - Parameter field: offset of four bytes that count as zeros: the sum's own.
  static func sum(_ bytes: [UInt8], without field: Int) -> UInt32 {
    var value = UInt32.max
    for (index, byte) in bytes.enumerated() {
      let byte = (field..<(field + 4)).contains(index) ? 0 : byte
      value = table[Int(truncatingIfNeeded: value ^ UInt32(byte)) & 0xff] ^ value >> 8
    }
    return ~value
  }
}
