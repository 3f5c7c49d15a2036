/// What the workers of a block job are to do next, all of them at the same time.
struct BlockOrder: BitwiseCopyable {
  /// (The raw type keeps the compiler from emitting a hash function, whose seed would need a source of random numbers.)
  enum Kind: UInt8, BitwiseCopyable {
    /// Work that does not count.
    case warmUp
    /// Work that counts.
    case measure
    /// To read back the last blocks that the last window wrote, `count` of them.
    case readBack
  }

  var kind: Kind
  /// Ticks of the work.
  var duration: UInt64 = 0
  /// Of a warm-up: whether every word is verified, not a sample.
  var verifiesEverything = false
  var count: UInt64 = 0
}
