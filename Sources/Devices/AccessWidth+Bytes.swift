/// Registers that are bytes, and are read and written at any width.
extension AccessWidth {
  /// What an access reads, the lowest byte first.
  /// - Parameters:
  ///   - offset: of the access, as the guest chose it.
  ///   - absent: what bytes read as that are not there.
  func read(_ bytes: [UInt8], at offset: UInt64, absent: UInt8) -> UInt64 {
    (0..<UInt64(rawValue)).reduce(0) { value, index in
      let place = Int(clamping: offset &+ index)
      return value | UInt64(bytes.indices.contains(place) ? bytes[place] : absent) << (index * 8)
    }
  }

  /// Hands over each byte that an access writes and that is there.
  /// - Parameters:
  ///   - value: of the access, the lowest byte first.
  ///   - offset: of the access, as the guest chose it.
  ///   - places: of the bytes that are there.
  ///   - body: takes a byte with its place.
  func split(_ value: UInt64, at offset: UInt64, in places: Range<Int>, _ body: (_ place: Int, UInt8) -> Void) {
    for index in 0..<UInt64(rawValue) {
      let place = Int(clamping: offset &+ index)
      if places.contains(place) { body(place, UInt8(truncatingIfNeeded: value >> (index * 8))) }
    }
  }
}
