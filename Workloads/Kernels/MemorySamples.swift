/// Places at which a memory workload is verified in every batch: spoiled before it, folded into the checksum after it.
/// Few, so that they cost nothing compared with the batch; the whole result is verified once, after the window.
struct MemorySamples: BitwiseCopyable {
  private let seed: UInt64
  private let elements: UInt64

  /// Number of places.
  static var count: UInt64 { 64 }

  /// Places among `elements` elements, of which there is at least one.
  init(seed: UInt64, elements: UInt64) {
    self.seed = ~seed
    self.elements = elements
  }

  /// The element of a sample; two samples may be the same one.
  @inline(__always)
  func element(_ sample: UInt64) -> Int {
    Int(truncatingIfNeeded: splitmix64(seed &+ sample &* SplitMix.step).multipliedFullWidth(by: elements).high)
  }
}
