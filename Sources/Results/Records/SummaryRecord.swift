/// A metric that has no counterpart on the native machine, over the blocks: mean and Student's t interval.
public struct SummaryRecord: Sendable, Equatable {
  public var workload: Workload
  public var metric: String
  public var unit: String
  public var direction: Direction
  public var path: Path
  /// Arithmetic mean over the blocks, in ``unit``.
  public var mean: Double
  /// Lower bound of the interval at ``level``; nil where there is no interval.
  public var low: Double?
  /// Upper bound of the interval at ``level``; nil where there is no interval.
  public var high: Double?
  public var level: Double
  /// Blocks in which it was measured.
  public var blocks: Int
  public var flags: [ComparisonFlag]

  public init(
    workload: Workload, metric: String, unit: String, direction: Direction,
    path: Path, mean: Double, low: Double?, high: Double?, level: Double, blocks: Int,
    flags: [ComparisonFlag] = []
  ) {
    self.workload = workload
    self.metric = metric
    self.unit = unit
    self.direction = direction
    self.path = path
    self.mean = mean
    self.low = low
    self.high = high
    self.level = level
    self.blocks = blocks
    self.flags = flags
  }
}

// Flat: the fields of `path` and `workload` stand among the record's own.
extension SummaryRecord: Codable {
  private enum Field: String, CodingKey {
    case metric, unit, direction, mean, low, high, level, blocks, flags
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    path = try Path(from: decoder)
    workload = try Workload(from: decoder)
    metric = try fields.value(.metric)
    unit = try fields.value(.unit)
    direction = try fields.value(.direction)
    mean = try fields.value(.mean)
    low = try fields.optional(.low)
    high = try fields.optional(.high)
    level = try fields.value(.level)
    blocks = try fields.value(.blocks)
    flags = try fields.value(.flags)
  }

  public func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(metric, forKey: .metric)
    try fields.encode(unit, forKey: .unit)
    try fields.encode(direction, forKey: .direction)
    try fields.encode(mean, forKey: .mean)
    try fields.encodeIfPresent(low, forKey: .low)
    try fields.encodeIfPresent(high, forKey: .high)
    try fields.encode(level, forKey: .level)
    try fields.encode(blocks, forKey: .blocks)
    try fields.encode(flags, forKey: .flags)
  }
}
