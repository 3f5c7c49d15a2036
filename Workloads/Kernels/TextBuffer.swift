/// A short text that is put together without allocating: the reason of a leg. What does not fit is cut off.
/// Sound as `@safe` because writes stop at `capacity`; whoever makes one vouches for pointer and capacity.
@safe struct TextBuffer {
  private let base: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  private(set) var count = 0

  /// - Parameters:
  ///   - base: `capacity` writable bytes that outlive the buffer.
  @unsafe init(base: UnsafeMutablePointer<UInt8>, capacity: Int) {
    unsafe self.base = unsafe base
    self.capacity = capacity
  }

  /// The text so far.
  var bytes: ByteSlice { unsafe ByteSlice(base: UnsafePointer(base), count: count) }

  mutating func clear() { count = 0 }

  mutating func append(byte: UInt8) {
    guard count < capacity else { return }
    unsafe base[count] = byte
    count += 1
  }

  mutating func append(_ text: StaticString) {
    for index in 0..<text.utf8CodeUnitCount { unsafe append(byte: text.utf8Start[index]) }
  }

  mutating func append(_ slice: ByteSlice) {
    for index in 0..<slice.count { append(byte: slice[index]) }
  }

  /// Appends a decimal number.
  mutating func append(_ number: UInt64) {
    var divisor: UInt64 = 1
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      append(byte: 0x30 &+ UInt8(truncatingIfNeeded: number / divisor % 10))
      divisor /= 10
    }
  }

  /// Appends a signed decimal number.
  mutating func append(signed number: Int32) {
    if number < 0 { append(byte: 0x2d) }
    append(UInt64(number.magnitude))
  }

  /// Appends 0x and 16 hexadecimal digits.
  mutating func append(hexadecimal number: UInt64) {
    append("0x")
    for shift in stride(from: 60, through: 0, by: -4) {
      let digit = UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 0xf
      append(byte: digit < 10 ? 0x30 + digit : 0x57 + digit)
    }
  }
}
