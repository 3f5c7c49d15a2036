/// A confidence interval.
public struct Interval: Equatable, Sendable {
  public let low: Double
  public let high: Double
  /// Above 0 and below 1; two-sided.
  public let level: Double

  public init(low: Double, high: Double, level: Double) {
    self.low = low
    self.high = high
    self.level = level
  }

  public func contains(_ value: Double) -> Bool { low <= value && value <= high }
}
