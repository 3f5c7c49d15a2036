/// What the bytes of a record after its head are: words from a seed, so that a frame that was not written is no frame.
enum NetPattern {
  /// Writes the pattern.
  @unsafe static func fill(_ bytes: UnsafeMutableRawPointer, count: Int, seed: UInt64) {
    var random = SplitMix(seed: seed)
    var offset = 0
    while offset + 8 <= count {
      unsafe bytes.storeBytes(of: random.next(), toByteOffset: offset, as: UInt64.self)
      offset += 8
    }
    let last = random.next()
    for index in 0..<count - offset {
      unsafe bytes.storeBytes(
        of: UInt8(truncatingIfNeeded: last >> UInt64(8 * index)), toByteOffset: offset + index, as: UInt8.self)
    }
  }
}
