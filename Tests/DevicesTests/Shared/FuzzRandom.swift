import Storage

/// Numbers that a seed determines.
struct FuzzRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return DiskPattern.mix(state)
  }

  /// From 0 to below `limit`.
  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  /// A value of the kinds that break things: small, near a power of two, near the end of RAM, or anything.
  mutating func awkward(ram: UInt64) -> UInt64 {
    switch below(6) {
    case 0: UInt64(below(32))
    case 1: (1 as UInt64) << UInt64(below(64)) &+ UInt64(below(5)) &- 2
    case 2: ram &+ UInt64(below(64)) &- 32
    case 3: UInt64.max &- UInt64(below(64))
    case 4: UInt64(below(Int(ram)))
    default: next()
    }
  }
}
