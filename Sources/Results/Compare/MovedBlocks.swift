import Glibc
import Statistics

/// Says what blocks gave that were measured while the host's two CPUs were not as far apart as they usually were.
enum MovedBlocks {
  /// - Parameters:
  ///   - elsewhere: the blocks that are left out.
  ///   - count: of all blocks.
  ///   - usual: the blocks that count.
  /// - Returns: a sentence; nil where no block is left out.
  static func note(_ elsewhere: [BlockPair], of count: Int, usual: [BlockPair], _ subject: Series.Subject) -> String? {
    guard let here = handOff(usual), let there = handOff(elsewhere) else { return nil }
    let parts = [
      ("farther apart", elsewhere.filter { (handOff([$0]) ?? 0) >= here }),
      ("nearer", elsewhere.filter { (handOff([$0]) ?? 0) < here }),
    ].compactMap { name, pairs -> String? in
      let ratios = pairs.compactMap { BlockRatio($0.mode.anywhere, over: $0.reference.anywhere, subject)?.logarithm }
      guard !ratios.isEmpty else { return nil }
      let ratio = exp(ratios.reduce(0, +) / Double(ratios.count))
      let blocks = pairs.map { String($0.block) }.joined(separator: ", ")
      return "\((ratio * 1000).rounded() / 1000) in blocks \(blocks), \(name) (\(handOff(pairs) ?? there) ns)"
    }
    return "the two CPUs moved: the ratio is of \(usual.count) of \(count) blocks, a hand-off of \(here) ns; "
      + parts.joined(separator: "; ")
  }

  /// Nanoseconds of a hand-off in blocks: the median; nil where none was measured.
  private static func handOff(_ pairs: [BlockPair]) -> Int? {
    let times = pairs.flatMap {
      ($0.mode.turns?.handOffs?.nanoseconds ?? []) + ($0.reference.turns?.handOffs?.nanoseconds ?? [])
    }
    return times.isEmpty ? nil : Int(Quantile.median(times.map { Double($0) }).rounded())
  }
}

/// The two legs of a block that are compared.
struct BlockPair {
  var block: Int
  var mode: Series.Point
  var reference: Series.Point
}
