/// One run's figure in a series.
public struct HistoryPoint: Codable, Sendable, Equatable {
  /// The run's id.
  public var run: String
  public var startedAt: String
  public var revision: String
  /// The ratio to the series' reference, or the mean where the series has none.
  public var value: Double
  /// The interval of ``value``; nil where the run had none.
  public var low: Double?
  public var high: Double?
  public var blocks: Int

  public init(
    run: String, startedAt: String, revision: String, value: Double, low: Double?, high: Double?, blocks: Int
  ) {
    self.run = run
    self.startedAt = startedAt
    self.revision = revision
    self.value = value
    self.low = low
    self.high = high
    self.blocks = blocks
  }
}
