/// The check sequence at a frame's end: CRC-32 (IEEE 802.3 §3.2.9).
enum FrameCheckSequence {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 != 0 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
  }

  /// The check sequence as a little-endian word.
  static func of(_ frame: UnsafeRawBufferPointer) -> UInt32 {
    let table = self.table
    var value = UInt32.max
    for index in 0..<frame.count { value = unsafe table[Int((value ^ UInt32(frame[index])) & 0xff)] ^ value >> 8 }
    return ~value
  }
}
