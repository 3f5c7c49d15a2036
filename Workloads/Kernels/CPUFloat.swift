/// `cpu.float`: double-precision multiplies and additions. One operation is an inverse square root by four Newton steps
/// and a polynomial of the fifth degree at the result. SSE2 has no fused multiply-add and Swift never contracts, so
/// that every bit of the result is the same everywhere.
struct CPUFloat: BatchWorkload {
  let seed: UInt64

  var smallestBatch: UInt64 { 256 }

  mutating func run(_ operations: UInt64) -> UInt64 {
    var state = splitmix64(seed)
    var checksum: UInt64 = 0
    var remaining = operations
    while remaining > 0 {
      state = state &* 0x5851_f42d_4c95_7f2d &+ 0x1405_7b7e_f767_814f
      let value = CPUFloat.evaluate(state)
      checksum = fold(checksum, value.bitPattern)
      remaining &-= 1
    }
    return checksum
  }

  /// The value of one operation for a word of the sequence.
  @inline(__always)
  static func evaluate(_ word: UInt64) -> Double {
    let argument = Double(bitPattern: 0x3ff0_0000_0000_0000 | (word &>> 12))  // 1 up to 2
    let half = 0.5 * argument
    var root = 1.25 - 0.25 * argument
    root = root * (1.5 - half * root * root)
    root = root * (1.5 - half * root * root)
    root = root * (1.5 - half * root * root)
    root = root * (1.5 - half * root * root)
    var sum = 0.0078125 * root - 0.0625
    sum = sum * root + 0.140625
    sum = sum * root - 0.21875
    sum = sum * root + 0.40625
    sum = sum * root - 0.8125
    return sum
  }
}
