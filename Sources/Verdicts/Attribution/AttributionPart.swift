/// One part of an operation's time.
public struct AttributionPart: Codable, Sendable, Equatable {
  public var kind: AttributionKind
  /// As it is shown: `port reads answered by the monitor`. Unique within its record.
  public var name: String
  /// Nanoseconds an operation: mean over the blocks.
  public var nanoseconds: Double
  /// Lower bound over the blocks; nil for a single block.
  public var low: Double?
  /// Upper bound over the blocks; nil for a single block.
  public var high: Double?
  /// Times an operation, mean over the blocks; nil where the part is no count times a cost.
  public var count: Double?
  /// Nanoseconds each, mean over the blocks; nil where the part is no count times a cost.
  public var unitCost: Double?
  /// What was measured, where: `monitor.port_reads × exits.pio.user`.
  public var source: String

  public init(
    kind: AttributionKind, name: String, time: AttributionTime, count: Double? = nil, unitCost: Double? = nil,
    source: String
  ) {
    self.kind = kind
    self.name = name
    self.nanoseconds = time.nanoseconds
    self.low = time.low
    self.high = time.high
    self.count = count
    self.unitCost = unitCost
    self.source = source
  }
}
