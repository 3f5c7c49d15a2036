import Storage

/// Numbers that a seed determines, or the bytes that a fuzzer chose and, behind them, a seed of its own.
struct FuzzRandom: RandomNumberGenerator {
  private var state: UInt64
  private var decisions: ArraySlice<UInt8> = []

  init(seed: UInt64) { state = seed }

  init(decisions: [UInt8]) {
    state = 1
    self.decisions = decisions[...]
  }

  /// Whether no byte is left that somebody chose.
  var isExhausted: Bool { decisions.isEmpty }

  /// A number of so many bytes that were chosen; nil where none are left.
  private mutating func decision(_ count: Int) -> UInt64? {
    guard !decisions.isEmpty else { return nil }
    defer { decisions = decisions.dropFirst(count) }
    return decisions.prefix(count).reduce(0) { $0 << 8 | UInt64($1) }
  }

  mutating func next() -> UInt64 {
    if let decision = decision(8) { return decision }
    state &+= 0x9E37_79B9_7F4A_7C15
    return DiskPattern.mix(state)
  }

  /// From 0 to below `limit`.
  mutating func below(_ limit: Int) -> Int {
    // As few bytes as it takes: each of them decides something.
    let decision = decision(limit <= 1 << 8 ? 1 : limit <= 1 << 16 ? 2 : 8)
    return Int((decision ?? next()) % UInt64(limit))
  }

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
