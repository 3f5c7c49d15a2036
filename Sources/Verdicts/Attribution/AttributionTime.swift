import Statistics

/// Nanoseconds an operation, with their interval over the blocks.
public struct AttributionTime: Codable, Sendable, Equatable {
  /// Mean over the blocks.
  public var nanoseconds: Double
  /// Lower bound of Student's interval; nil for a single block.
  public var low: Double?
  /// Upper bound of Student's interval; nil for a single block.
  public var high: Double?

  public init(nanoseconds: Double, low: Double? = nil, high: Double? = nil) {
    self.nanoseconds = nanoseconds
    self.low = low
    self.high = high
  }

  /// - Parameters:
  ///   - values: one a block, at least one, finite.
  ///   - spread: half the width of an interval that the values do not show, such as that of a cost from another result.
  init(_ values: [Double], level: Double, spread: Double = 0) {
    guard let sample = try? Sample(values) else { preconditionFailure("a part has a finite value in every block") }
    nanoseconds = sample.mean
    guard let interval = sample.interval(level: level) else { return }
    let half = (interval.high - interval.low) / 2
    let all = (half * half + spread * spread).squareRoot()
    low = sample.mean - all
    high = sample.mean + all
  }
}
