/// `cpu.integer`: 64-bit multiplies, rotations, additions and exclusive-ors in four chains that depend on themselves at
/// every step and on each other at every second one: enough parallelism for a wide core, never all of it.
/// One operation is one step of all four chains.
struct CPUInteger: BatchWorkload {
  let seed: UInt64

  var smallestBatch: UInt64 { 1024 }

  mutating func run(_ operations: UInt64) -> UInt64 {
    var a = splitmix64(seed)
    var b = splitmix64(seed &+ 1)
    var c = splitmix64(seed &+ 2)
    var d = splitmix64(seed &+ 3)
    var remaining = operations
    while remaining > 0 {
      a = rotate(a &* 0xd134_2543_de82_ef95, by: 23) &+ b
      b = rotate(b &+ 0x9e37_79b9_7f4a_7c15, by: 41) ^ c
      c = rotate(c &* 0xaf25_1af3_b0f0_25b5, by: 17) &+ (d ^ a)
      d = rotate(d ^ 0x2545_f491_4f6c_dd1d, by: 7) &+ (a &>> 3)
      remaining &-= 1
    }
    return fold(fold(fold(a, b), c), d)
  }

  @inline(__always)
  private func rotate(_ word: UInt64, by count: UInt64) -> UInt64 { (word &<< count) | (word &>> (64 &- count)) }
}
