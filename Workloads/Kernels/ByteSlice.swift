/// Borrowed bytes with checked access: a word of the job text, a workload's name.
/// Sound as `@safe` because every access is checked against `count`; whoever makes one vouches for pointer and count.
@safe struct ByteSlice: BitwiseCopyable {
  private let base: UnsafePointer<UInt8>
  let count: Int

  /// - Parameters:
  ///   - base: the first byte; must stay readable for as long as the slice is used.
  ///   - count: bytes, 0 or more.
  @unsafe init(base: UnsafePointer<UInt8>, count: Int) {
    precondition(count >= 0)
    unsafe self.base = unsafe base
    self.count = count
  }

  subscript(index: Int) -> UInt8 {
    precondition(index >= 0 && index < count)
    return unsafe base[index]
  }

  /// The bytes from `start` up to, not including, `end`.
  func slice(from start: Int, to end: Int) -> ByteSlice {
    precondition(start >= 0 && start <= end && end <= count)
    return unsafe ByteSlice(base: base + start, count: end - start)
  }

  /// Whether the bytes are exactly the UTF-8 of a literal.
  func equals(_ literal: StaticString) -> Bool {
    guard literal.utf8CodeUnitCount == count else { return false }
    for index in 0..<count where unsafe literal.utf8Start[index] != base[index] { return false }
    return true
  }

  /// Whether two slices hold the same bytes.
  func equals(_ other: ByteSlice) -> Bool {
    guard other.count == count else { return false }
    for index in 0..<count where other[index] != self[index] { return false }
    return true
  }

  /// The first position of `byte` at or after `start`; `count` when there is none.
  func position(of byte: UInt8, from start: Int) -> Int {
    var index = start
    while index < count, self[index] != byte { index += 1 }
    return index
  }

  /// The value of an unsigned decimal number of 1 to 20 digits; nil for anything else and for what exceeds 64 bits.
  var decimal: UInt64? {
    guard count >= 1, count <= 20 else { return nil }
    var value: UInt64 = 0
    for index in 0..<count {
      let digit = self[index] &- 0x30
      guard digit <= 9 else { return nil }
      let (product, carried) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowed) = product.addingReportingOverflow(UInt64(digit))
      if carried || overflowed { return nil }
      value = sum
    }
    return value
  }
}
