/// Many percentiles of a kept histogram, found in one pass over its counts.
public struct LatencyCurve: Sendable, Equatable {
  /// Samples that were recorded.
  public let count: UInt64
  /// Nanoseconds an operation at each percentile that was asked for, in that order; the same figures as
  /// ``LatencyDistribution/nanoseconds(atPercentile:)`` gives. Empty where nothing was recorded.
  public let nanoseconds: [Double]

  /// - Parameters:
  ///   - record: a histogram as a result keeps it.
  ///   - percentiles: above 0 and below 100, in ascending order.
  public init(_ record: HistogramRecord, at percentiles: [Double]) throws(HistogramError) {
    precondition(percentiles.allSatisfy { $0 > 0 && $0 < 100 }, "a percentile lies between 0 and 100")
    try record.validate()
    let encoding = try record.encoding()
    var counts: [(index: Int, count: UInt64)] = []
    try HistogramCodec.scan(encoding) { counts.append(($0, $1)) }
    let total = counts.reduce(0) { $0 + $1.count }
    count = total
    let scale = 1 / (record.ticksPerNanosecond ?? 1) / Double(record.operationsPerSample)
    var found: [Double] = []
    var reached: UInt64 = 0
    var next = counts.startIndex
    for percentile in percentiles where total > 0 {
      // Rounded up, so that the value reaches the whole share; one step down first, since the product may lie a hair above.
      let share = percentile.nextDown * Double(total) / 100
      let wanted = min(max(1, UInt64(share.rounded(.up))), total)
      while reached < wanted {
        reached += counts[next].count
        next += 1
      }
      // The greatest value that the place stands for.
      let value = encoding.layout.lowestValue(at: counts[next - 1].index + 1) - 1
      found.append(Double(value) * scale)
    }
    nanoseconds = found
  }

  /// Whether enough samples lie beyond a percentile for it to be more than the luck of a few: ten at least.
  public func supports(percentile: Double) -> Bool {
    Double(count) * (100 - percentile) / 100 >= 10 * (1 - 1e-12)
  }
}
