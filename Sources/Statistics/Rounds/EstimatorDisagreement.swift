/// How far the plain estimate of a ratio lies from a robust one: what hiccups cost that one side alone has.
///
/// In each block the plain logarithm (``RoundEstimator/sum``) less the robust one; over the blocks the paired t. What disturbs
/// mode and reference alike leaves the difference at 0.
public struct EstimatorDisagreement: Equatable, Sendable {
  /// Of the blocks' differences, plain less robust.
  public let difference: Sample

  /// - Throws: as ``RoundEstimator/logRatio(of:higherIsBetter:)``, and for no block at all.
  public init(
    ofBlocks blocks: [[PairedRound]], robust: RoundEstimator, higherIsBetter: Bool
  ) throws(StatisticsError) {
    var differences: [Double] = []
    for rounds in blocks {
      let plain = try RoundEstimator.sum.logRatio(of: rounds, higherIsBetter: higherIsBetter)
      differences.append(plain - (try robust.logRatio(of: rounds, higherIsBetter: higherIsBetter)))
    }
    difference = try Sample(differences)
  }

  /// Two-sided interval of the difference, of logarithms: −0.02 says that hiccups of the mode cost 2 %. Nil for one block.
  public func interval(level: Double) -> Interval? { difference.interval(level: level) }

  /// Whether a difference of more than `tolerance`, 0 or more, is shown at the level: the whole interval lies beyond it.
  ///
  /// - Throws: ``StatisticsError/tooFewBlocks(have:need:level:)`` where the blocks cannot decide at the level.
  public func isBeyondNoise(level: Double, tolerance: Double = 0) throws(StatisticsError) -> Bool {
    precondition(tolerance >= 0, "a tolerance is not negative")
    let need = NonInferiority.minimumBlocks(level: level)
    guard difference.count >= need, let interval = interval(level: level) else {
      throw .tooFewBlocks(have: difference.count, need: need, level: level)
    }
    return interval.low > tolerance || interval.high < -tolerance
  }
}
