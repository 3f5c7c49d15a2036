/// Mean and spread of independent values, one a block.
public struct Sample: Equatable, Sendable {
  public let count: Int
  public let mean: Double
  /// With n − 1 in the denominator; 0 for a single value.
  public let standardDeviation: Double

  /// - Throws: ``StatisticsError/notFinite(index:value:)``, or ``StatisticsError/tooFewBlocks(have:need:level:)`` for none.
  public init(_ values: [Double]) throws(StatisticsError) {
    guard !values.isEmpty else { throw .tooFewBlocks(have: 0, need: 1, level: 0) }
    for (index, value) in values.enumerated() where !value.isFinite { throw .notFinite(index: index, value: value) }
    count = values.count
    // The second pass takes out what rounding left in the first.
    let first = values.reduce(0) { $0 + $1 / Double(values.count) }
    let mean = first + values.reduce(0) { $0 + ($1 - first) } / Double(values.count)
    self.mean = mean
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardDeviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0
  }

  /// Standard error of the mean.
  public var standardError: Double { standardDeviation / Double(count).squareRoot() }

  /// Student's two-sided interval of the mean; nil for a single value, which has none.
  public func interval(level: Double) -> Interval? {
    precondition(level > 0 && level < 1, "a level lies between 0 and 1")
    guard count > 1 else { return nil }
    let half = StudentT(degreesOfFreedom: Double(count - 1)).quantile(1 - (1 - level) / 2) * standardError
    return Interval(low: mean - half, high: mean + half, level: level)
  }

  /// P-value of the one-sided test whose null hypothesis is that the true mean lies below `bound`; nil for a single value.
  public func probability(below bound: Double) -> Double? {
    guard count > 1 else { return nil }
    guard standardError > 0 else { return mean >= bound ? 0 : 1 }
    return StudentT(degreesOfFreedom: Double(count - 1)).upperTail((mean - bound) / standardError)
  }
}
