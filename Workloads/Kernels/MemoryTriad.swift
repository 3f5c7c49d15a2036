/// `memory.triad`: a[i] = b[i] + 3 c[i] on doubles over three equal parts of the working set. One operation is one
/// pass; it counts 24 bytes an element, as STREAM does. The values are whole numbers below 2^22, so that results are
/// exact. Sound as `@safe` because all indices stay below the part's size, a multiple of 4096 bytes.
@safe struct MemoryTriad: BatchWorkload {
  private let seed: UInt64
  private let elements: UInt64
  private let a: UnsafeMutablePointer<SIMD2<Double>>
  private let b: UnsafeMutablePointer<SIMD2<Double>>
  private let c: UnsafeMutablePointer<SIMD2<Double>>
  private let samples: MemorySamples

  /// Each part is a multiple of this.
  static var granule: UInt64 { 4096 }

  /// Element i of b, and of c with `seed` complemented: a whole number below 2^20.
  static func element(_ seed: UInt64, _ index: UInt64) -> Double {
    Double(splitmix64(seed &+ index &* SplitMix.step) >> 44)
  }

  /// Fills b and c, clears a. `memory` has a multiple of three granules, at least three.
  init(seed: UInt64, memory: Region) {
    self.seed = seed
    elements = memory.count / 24
    let pairs = Int(elements / 2)
    unsafe a = unsafe memory.pointer(to: SIMD2<Double>.self)
    unsafe b = unsafe a + pairs
    unsafe c = unsafe b + pairs
    samples = MemorySamples(seed: seed, elements: elements / 2)
    for index in 0..<pairs {
      let element = UInt64(index) * 2
      unsafe a[index] = SIMD2(-1, -1)
      unsafe b[index] = SIMD2(MemoryTriad.element(seed, element), MemoryTriad.element(seed, element + 1))
      unsafe c[index] = SIMD2(MemoryTriad.element(~seed, element), MemoryTriad.element(~seed, element + 1))
    }
  }

  var bytesPerOperation: UInt64 { elements &* 24 }

  mutating func prepareBatch() {
    for sample in 0..<MemorySamples.count { unsafe a[samples.element(sample)] = SIMD2(-1, -1) }
  }

  mutating func run(_ operations: UInt64) -> UInt64 {
    let pairs = Int(elements / 2)
    var remaining = operations
    while remaining > 0 {
      unsafe MemoryTriad.triad(a, b, c, pairs)
      remaining &-= 1
    }
    var checksum: UInt64 = 0
    for sample in 0..<MemorySamples.count {
      let pair = unsafe a[samples.element(sample)]
      checksum = fold(fold(checksum, pair[0].bitPattern), pair[1].bitPattern)
    }
    return checksum
  }

  /// `count`, a multiple of 4, pairs of elements.
  @unsafe @inline(never)
  private static func triad(
    _ a: UnsafeMutablePointer<SIMD2<Double>>, _ b: UnsafeMutablePointer<SIMD2<Double>>,
    _ c: UnsafeMutablePointer<SIMD2<Double>>, _ count: Int
  ) {
    let factor = SIMD2<Double>(3, 3)
    var index = 0
    while index < count {
      let first = unsafe b[index] + factor * c[index]
      let second = unsafe b[index &+ 1] + factor * c[index &+ 1]
      let third = unsafe b[index &+ 2] + factor * c[index &+ 2]
      let fourth = unsafe b[index &+ 3] + factor * c[index &+ 3]
      unsafe a[index] = first
      unsafe a[index &+ 1] = second
      unsafe a[index &+ 2] = third
      unsafe a[index &+ 3] = fourth
      index &+= 4
    }
  }

  /// Nil when every element is right, else the first offset in a that is not.
  func firstDifference() -> UInt64? {
    for index in 0..<Int(elements / 2) {
      for lane in 0..<2 {
        let element = UInt64(index * 2 + lane)
        let expected = MemoryTriad.element(seed, element) + 3 * MemoryTriad.element(~seed, element)
        if unsafe a[index][lane] != expected { return element * 8 }
      }
    }
    return nil
  }
}
