/// The test of "at least m of the reference".
public enum NonInferiority {
  /// Blocks that a decision at a level needs, whatever the data: 5, below which the interval was not found to keep its
  /// error, and more where even B agreeing signs, at odds of 2^-B, would not reach the level.
  public static func minimumBlocks(level: Double) -> Int {
    precondition(level > 0 && level < 1, "a level lies between 0 and 1")
    var blocks = 0
    var odds = 1.0
    while odds > 1 - level {
      odds /= 2
      blocks += 1
    }
    return max(5, blocks)
  }

  /// Pass if the whole interval lies at or above the margin, fail if the whole of it lies below, else inconclusive.
  public static func decide(_ interval: Interval, margin: Double) -> Decision {
    if interval.low >= margin { return .pass }
    return interval.high < margin ? .fail : .inconclusive
  }

  /// Decides from the blocks.
  ///
  /// - Throws: ``StatisticsError/tooFewBlocks(have:need:level:)``: what cannot decide is an error, not a pass.
  public static func decide(
    _ ratio: PairedLogRatio, margin: Double, level: Double
  ) throws(StatisticsError) -> Decision {
    let need = minimumBlocks(level: level)
    guard ratio.blocks >= need, let interval = ratio.interval(level: level) else {
      throw .tooFewBlocks(have: ratio.blocks, need: need, level: level)
    }
    return decide(interval, margin: margin)
  }
}
