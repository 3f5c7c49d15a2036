/// Changes inputs as a fuzzer does, without its view of what they cover: bits, bytes, numbers that break things, pieces that go, come
/// twice or come from another input.
struct Mutator {
  private var state: UInt64
  private let inputs: [[UInt8]]
  /// Bytes: no input grows longer than the longest that it is made of, and this.
  private static let spare = 256

  init(_ inputs: [[UInt8]], seed: UInt64) { (self.inputs, state) = (inputs.isEmpty ? [[]] : inputs, seed) }

  /// Splitmix64 (Steele, Lea, Flood 2014).
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  /// From 0 to below `limit`, which is more than 0.
  private mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  /// One of the inputs, with one to eight changes.
  mutating func input() -> [UInt8] {
    var bytes = inputs[below(inputs.count)]
    let most = bytes.count + Self.spare
    for _ in 0...below(8) { change(&bytes) }
    return Array(bytes.prefix(most))
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else {
      bytes = (0..<64).map { _ in UInt8(truncatingIfNeeded: next()) }
      return
    }
    let at = below(bytes.count)
    switch below(7) {
    case 0: bytes[at] ^= 1 << UInt8(below(8))
    case 1: bytes[at] = UInt8(truncatingIfNeeded: next())
    case 2: number(&bytes, at)
    case 3: bytes.removeSubrange(at..<min(bytes.count, at + 1 + below(32)))
    case 4:
      bytes.insert(contentsOf: Array(bytes[at..<min(bytes.count, at + 1 + below(32))]), at: below(bytes.count + 1))
    case 5:
      let other = inputs[below(inputs.count)]
      guard !other.isEmpty else { return }
      let from = below(other.count)
      bytes.replaceSubrange(
        at..<min(bytes.count, at + 1 + below(64)), with: other[from..<min(other.count, from + 1 + below(64))])
    default: bytes.removeLast(below(bytes.count))
    }
  }

  /// A number of 1 to 8 bytes, either end first, near a power of two.
  private mutating func number(_ bytes: inout [UInt8], _ at: Int) {
    let width = 1 << below(4)
    let value = (1 as UInt64) << UInt64(below(64)) &+ UInt64(below(5)) &- 2
    let isBig = below(2) == 0
    for index in 0..<min(width, bytes.count - at) {
      bytes[at + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (isBig ? width - 1 - index : index)))
    }
  }
}
