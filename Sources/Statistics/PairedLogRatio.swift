import Glibc

/// The ratio of two machines from blocks in which both were measured.
///
/// Each block gives d = log(mode / reference); the estimate is exp(mean d) and the interval exp(mean d ± t·s/√B), so that
/// what a block's two legs share (temperature, neighbours, placement) cancels.
public struct PairedLogRatio: Equatable, Sendable {
  /// The blocks' logarithms of the ratio, in the order given.
  public let logarithms: [Double]
  /// Their mean and spread.
  public let sample: Sample

  /// - Parameters:
  ///   - mode: the figure in each block, above 0.
  ///   - reference: the reference's figure in the same blocks, above 0.
  ///   - higherIsBetter: false turns the ratio over, so that above 1.0 is always better than the reference.
  public init(mode: [Double], reference: [Double], higherIsBetter: Bool) throws(StatisticsError) {
    guard mode.count == reference.count else { throw .unpaired(left: mode.count, right: reference.count) }
    var logarithms: [Double] = []
    for index in mode.indices {
      for value in [mode[index], reference[index]] where !(value > 0 && value.isFinite) {
        throw .notPositive(index: index, value: value)
      }
      let ratio = log(mode[index]) - log(reference[index])
      logarithms.append(higherIsBetter ? ratio : -ratio)
    }
    self.logarithms = logarithms
    sample = try Sample(logarithms)
  }

  /// From logarithms of the ratio that were taken block by block, as by ``RoundEstimator``; all finite, at least one.
  public init(logarithms: [Double]) throws(StatisticsError) {
    sample = try Sample(logarithms)
    self.logarithms = logarithms
  }

  /// Blocks that were paired.
  public var blocks: Int { sample.count }

  /// Geometric mean of the blocks' ratios.
  public var estimate: Double { exp(sample.mean) }

  /// Two-sided interval of the ratio; nil for a single block.
  public func interval(level: Double) -> Interval? {
    sample.interval(level: level).map { Interval(low: exp($0.low), high: exp($0.high), level: level) }
  }

  /// P-value of the one-sided test whose null hypothesis is that the true ratio lies below `margin`; nil for one block.
  public func probability(below margin: Double) -> Double? {
    sample.probability(below: log(margin))
  }
}
