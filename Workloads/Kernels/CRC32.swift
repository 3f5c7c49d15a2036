/// CRC-32 of IEEE 802.3 (reflected polynomial 0xEDB88320, initial value and final exclusive-or all ones), a byte a step
/// from a table of 256 entries.
/// Sound as `@safe` because the table is always indexed by a byte; whoever makes one vouches for 1024 bytes.
@safe struct CRC32 {
  private let table: UnsafeMutablePointer<UInt32>

  /// Bytes that the table takes.
  static var tableSize: UInt64 { 1024 }

  /// Computes the table, about 2 us.
  @unsafe init(table: UnsafeMutablePointer<UInt32>) {
    unsafe self.table = unsafe table
    for index in 0..<256 {
      var value = UInt32(index)
      for _ in 0..<8 { value = (value >> 1) ^ (0xedb8_8320 & (0 &- (value & 1))) }
      unsafe table[index] = value
    }
  }

  /// The checksum of `count` bytes.
  @unsafe func checksum(_ bytes: UnsafePointer<UInt8>, count: Int) -> UInt32 {
    var value = UInt32.max
    for index in 0..<count {
      let position = Int(UInt8(truncatingIfNeeded: value) ^ (unsafe bytes[index]))
      value = unsafe (value >> 8) ^ table[position]
    }
    return ~value
  }
}
