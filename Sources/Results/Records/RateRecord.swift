/// How often something happened, with Clopper and Pearson's bounds of the chance behind it.
public struct RateRecord: Codable, Sendable, Equatable {
  public var count: Int
  /// At least ``count``; 0 where nothing was tried, and then there are no bounds.
  public var trials: Int
  public var low: Double?
  public var high: Double?
  /// Two-sided level of the bounds.
  public var level: Double

  public init(count: Int, trials: Int, low: Double?, high: Double?, level: Double) {
    self.count = count
    self.trials = trials
    self.low = low
    self.high = high
    self.level = level
  }
}
