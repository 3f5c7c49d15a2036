/// `memory.copy`: copies one half of the working set to the other, 64 bytes a step in 16-byte loads and stores. One
/// operation is one pass; its bytes count once as read and once as written, as STREAM counts them.
/// Sound as `@safe` because all indices stay below the half's size, a multiple of 4096 bytes.
@safe struct MemoryCopy: BatchWorkload {
  private let seed: UInt64
  private let half: UInt64
  private let source: UnsafeMutablePointer<SIMD2<UInt64>>
  private let destination: UnsafeMutablePointer<SIMD2<UInt64>>
  private let samples: MemorySamples

  /// Both halves are multiples of this.
  static var granule: UInt64 { 4096 }

  /// Word i of the source half.
  static func word(_ seed: UInt64, _ index: UInt64) -> UInt64 { splitmix64(seed &+ index &* SplitMix.step) }

  /// Fills the source and clears the destination. `memory` has a multiple of two granules, at least two.
  init(seed: UInt64, memory: Region) {
    self.seed = seed
    half = memory.count / 2
    unsafe source = unsafe memory.pointer(to: SIMD2<UInt64>.self)
    unsafe destination = unsafe source + Int(half / 16)
    samples = MemorySamples(seed: seed, elements: half / 16)
    for index in 0..<Int(half / 16) {
      let word = UInt64(index) * 2
      unsafe source[index] = SIMD2(MemoryCopy.word(seed, word), MemoryCopy.word(seed, word + 1))
      unsafe destination[index] = SIMD2(0, 0)
    }
  }

  var bytesPerOperation: UInt64 { half &* 2 }

  mutating func prepareBatch() {
    for sample in 0..<MemorySamples.count { unsafe destination[samples.element(sample)] = SIMD2(0, 0) }
  }

  mutating func run(_ operations: UInt64) -> UInt64 {
    let count = Int(half / 16)
    var remaining = operations
    while remaining > 0 {
      unsafe MemoryCopy.copy(destination, source, count)
      remaining &-= 1
    }
    var checksum: UInt64 = 0
    for sample in 0..<MemorySamples.count {
      let words = unsafe destination[samples.element(sample)]
      checksum = fold(fold(checksum, words[0]), words[1])
    }
    return checksum
  }

  /// `count`, a multiple of 4, units of 16 bytes. Four at a time, so that no optimizer makes it a call of `memcpy`.
  @unsafe @inline(never)
  private static func copy(
    _ destination: UnsafeMutablePointer<SIMD2<UInt64>>, _ source: UnsafeMutablePointer<SIMD2<UInt64>>, _ count: Int
  ) {
    var index = 0
    while index < count {
      let (a, b) = unsafe (source[index], source[index &+ 1])
      let (c, d) = unsafe (source[index &+ 2], source[index &+ 3])
      unsafe destination[index] = a
      unsafe destination[index &+ 1] = b
      unsafe destination[index &+ 2] = c
      unsafe destination[index &+ 3] = d
      index &+= 4
    }
  }

  /// Whether every word arrived; nil if so, else the first offset in the destination that differs.
  func firstDifference() -> UInt64? {
    for index in 0..<Int(half / 16) {
      let word = UInt64(index) * 2
      let expected = SIMD2(MemoryCopy.word(seed, word), MemoryCopy.word(seed, word + 1))
      if unsafe destination[index] != expected { return UInt64(index) * 16 }
    }
    return nil
  }
}
