import Glibc
import Statistics

/// Says where the blocks of a polled mode lie on two levels, with how far apart the two CPUs were in each: both sides of it spin on
/// memory that the other writes, and a host that is itself a guest may change that distance from one block to the next.
enum PolledLevels {
  /// - Parameters:
  ///   - logarithms: of the blocks' ratios.
  ///   - blocks: their numbers.
  ///   - handOffs: nanoseconds, by block number; empty where they were not measured.
  /// - Returns: a sentence; nil where there is one level, or too few blocks to tell.
  static func note(_ logarithms: [Double], blocks: [Int], handOffs: [Double?]) -> String? {
    guard logarithms.count >= leastBlocks,
      let levels = LevelDetection.standard(blocks: logarithms.count).levels(of: logarithms)
    else { return nil }
    let sides = [levels.upper, levels.lower].map { level in
      let numbers = level.blocks.map { blocks[$0] }
      let ratio = exp(level.mean)
      let times = numbers.compactMap { $0 < handOffs.count ? handOffs[$0] : nil }
      let distance = times.isEmpty ? "" : " (hand-off \(Int(Quantile.median(times).rounded())) ns)"
      return
        "\((ratio * 1000).rounded() / 1000) in blocks \(numbers.map(String.init).joined(separator: ", "))\(distance)"
    }
    return "two levels: \(sides[0]), \(sides[1])"
  }

  /// With fewer a level has fewer than two.
  private static let leastBlocks = 5
}
