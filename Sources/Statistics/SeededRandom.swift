/// A random sequence that a recorded seed repeats on every host and with every compiler: xoshiro256**, its state filled by
/// SplitMix64 (Blackman and Vigna). Not for secrets.
///
/// ``shuffled(_:)`` and ``below(_:)`` are its own, since the standard library does not promise that its algorithms stay.
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  public init(seed: UInt64) {
    var filler = SplitMix64(seed: seed)
    state = (filler.next(), filler.next(), filler.next(), filler.next())
  }

  /// Starts at a state that is not all zero.
  init(state: (UInt64, UInt64, UInt64, UInt64)) {
    self.state = state
  }

  public mutating func next() -> UInt64 {
    let product = state.1 &* 5
    let result = (product << 7 | product >> 57) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = state.3 << 45 | state.3 >> 19
    return result
  }

  /// A number from 0 up to `bound`, `bound` excluded and above 0; each equally likely.
  public mutating func below(_ bound: UInt64) -> UInt64 {
    precondition(bound > 0, "a bound is above 0")
    // Numbers below 2^64 mod bound are drawn again: with them, small results would be likelier.
    let rejected = (0 &- bound) % bound
    while true {
      let drawn = next()
      if drawn >= rejected { return drawn % bound }
    }
  }

  /// The elements in random order, each order equally likely (Fisher and Yates).
  public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var result = elements
    for last in result.indices.reversed() where last > 0 {
      result.swapAt(last, Int(below(UInt64(last + 1))))
    }
    return result
  }
}
