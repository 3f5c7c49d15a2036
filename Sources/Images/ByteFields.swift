// Fields of headers. Offsets are constants of a format, inside buffers of a constant size.

extension Array where Element == UInt8 {
  func big<Value: FixedWidthInteger>(_ type: Value.Type = Value.self, at offset: Int) -> Value {
    self[offset..<(offset + MemoryLayout<Value>.size)].reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
  }

  func little<Value: FixedWidthInteger>(_ type: Value.Type = Value.self, at offset: Int) -> Value {
    self[offset..<(offset + MemoryLayout<Value>.size)].reversed().reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
  }

  mutating func store<Value: FixedWidthInteger>(big value: Value, at offset: Int) {
    for index in 0..<MemoryLayout<Value>.size {
      self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * (MemoryLayout<Value>.size - 1 - index)))
    }
  }

  mutating func store<Value: FixedWidthInteger>(little value: Value, at offset: Int) {
    for index in 0..<MemoryLayout<Value>.size { self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }

  mutating func store(_ bytes: some Sequence<UInt8>, at offset: Int) {
    var offset = offset
    for byte in bytes {
      self[offset] = byte
      offset += 1
    }
  }
}

extension UInt64 {
  /// The next multiple of a power of two; nil where that is past 64 bits.
  func roundedUp(to unit: UInt64) -> UInt64? {
    let (sum, overflow) = addingReportingOverflow(unit - 1)
    return overflow ? nil : sum & ~(unit - 1)
  }

  /// How many units it takes to hold this much.
  func divided(roundingUp unit: UInt64) -> UInt64 { self / unit + (self % unit == 0 ? 0 : 1) }
}

extension FixedWidthInteger {
  var isPowerOfTwo: Bool { self > 0 && self & (self - 1) == 0 }
}
