/// A metric that has no counterpart on the native machine, over the blocks: mean and Student's t interval.
public struct SummaryRecord: Codable, Sendable, Equatable {
  public var workload: String
  public var parameters: [String: String]
  public var metric: String
  public var unit: String
  public var direction: Direction
  public var machine: Machine
  public var mode: Mode
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
    workload: String, parameters: [String: String] = [:], metric: String, unit: String, direction: Direction,
    machine: Machine, mode: Mode, mean: Double, low: Double?, high: Double?, level: Double, blocks: Int,
    flags: [ComparisonFlag] = []
  ) {
    self.workload = workload
    self.parameters = parameters
    self.metric = metric
    self.unit = unit
    self.direction = direction
    self.machine = machine
    self.mode = mode
    self.mean = mean
    self.low = low
    self.high = high
    self.level = level
    self.blocks = blocks
    self.flags = flags
  }
}
