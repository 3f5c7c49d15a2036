/// The finalizer of SplitMix64: a bijection of 64-bit words whose output bits all depend on all input bits.
@inline(__always)
func splitmix64(_ input: UInt64) -> UInt64 {
  var word = input
  word = (word ^ (word &>> 30)) &* 0xbf58_476d_1ce4_e5b9
  word = (word ^ (word &>> 27)) &* 0x94d0_49bb_1331_11eb
  return word ^ (word &>> 31)
}

/// The SplitMix64 generator: a counter through the finalizer. The same seed gives the same sequence everywhere.
struct SplitMix: BitwiseCopyable {
  private var state: UInt64

  /// 2^64 divided by the golden ratio: the counter's step.
  static var step: UInt64 { 0x9e37_79b9_7f4a_7c15 }

  init(seed: UInt64) { state = seed }

  @inline(__always)
  mutating func next() -> UInt64 {
    state &+= SplitMix.step
    return splitmix64(state)
  }

  /// A number below `bound`, which is 1 or more, by the high half of a product: no division, and a bias below 2^-32
  /// for the bounds used here.
  @inline(__always)
  mutating func next(below bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }
}

/// Mixes a word into a running checksum; the order of the words matters.
@inline(__always)
func fold(_ checksum: UInt64, _ word: UInt64) -> UInt64 {
  ((checksum &<< 5) | (checksum &>> 59)) ^ (word &* 0x9e37_79b9_7f4a_7c15)
}
