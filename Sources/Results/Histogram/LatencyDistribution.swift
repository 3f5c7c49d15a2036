import Histogram

/// A kept histogram, opened for questions. Every answer is in nanoseconds an operation.
public struct LatencyDistribution: Sendable {
  private let histogram: Histogram<UInt64>
  private let nanosecondsPerUnit: Double

  public init(_ record: HistogramRecord) throws(HistogramError) {
    try record.validate()
    histogram = try record.histogram()
    nanosecondsPerUnit = 1 / (record.ticksPerNanosecond ?? 1) / Double(record.operationsPerSample)
  }

  /// Samples that were recorded.
  public var count: UInt64 { histogram.totalCount }

  /// Nil where nothing was recorded.
  public var mean: Double? { count == 0 ? nil : histogram.mean * nanosecondsPerUnit }

  /// The least value that `percentile` per cent of the samples do not exceed, to the histogram's digits; nil where nothing
  /// was recorded. Percentile 0 is the least value, 100 the greatest.
  public func nanoseconds(atPercentile percentile: Double) -> Double? {
    precondition((0...100).contains(percentile), "a percentile lies between 0 and 100")
    return count == 0 ? nil : Double(histogram.valueAtPercentile(percentile)) * nanosecondsPerUnit
  }

  /// Samples of at most so many nanoseconds, to the histogram's digits.
  public func count(atMost nanoseconds: Double) -> UInt64 {
    guard count > 0, nanoseconds >= 0 else { return 0 }
    let value = nanoseconds / nanosecondsPerUnit
    return value >= Double(histogram.maxRecorded) ? count : histogram.count(within: 0...UInt64(value))
  }

  /// Whether enough samples lie beyond a percentile for it to be more than the luck of a few: ten at least.
  public func supports(percentile: Double) -> Bool {
    Double(count) * (100 - percentile) / 100 >= 10 * (1 - 1e-12)
  }
}
