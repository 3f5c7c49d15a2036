/// A metric on one machine in one mode against the same metric of the same workload on a reference machine.
public struct ComparisonRecord: Codable, Sendable, Equatable {
  public var workload: String
  public var parameters: [String: String]
  public var metric: String
  public var unit: String
  public var direction: Direction
  public var machine: Machine
  public var mode: Mode
  /// The machine that is 1.0: `native`, or `qemu` in the same mode.
  public var reference: Machine
  /// Geometric mean of the metric over the paired blocks, in ``unit``.
  public var value: Double
  /// Geometric mean of the reference's metric over the same blocks.
  public var referenceValue: Double
  /// Geometric mean of the blocks' ratios, turned so that 1.0 is the reference and higher is better.
  public var ratio: Double
  /// Lower bound of the interval at ``level``; nil where there is no interval.
  public var low: Double?
  /// Upper bound of the interval at ``level``; nil where there is no interval.
  public var high: Double?
  public var level: Double
  /// Blocks in which both sides were measured.
  public var blocks: Int
  public var flags: [ComparisonFlag]
  /// Sentences for the flags that need one, such as the likely cause of a super-native ratio.
  public var notes: [String]

  public init(
    workload: String, parameters: [String: String] = [:], metric: String, unit: String, direction: Direction,
    machine: Machine, mode: Mode, reference: Machine, value: Double, referenceValue: Double, ratio: Double,
    low: Double?, high: Double?, level: Double, blocks: Int, flags: [ComparisonFlag] = [], notes: [String] = []
  ) {
    self.workload = workload
    self.parameters = parameters
    self.metric = metric
    self.unit = unit
    self.direction = direction
    self.machine = machine
    self.mode = mode
    self.reference = reference
    self.value = value
    self.referenceValue = referenceValue
    self.ratio = ratio
    self.low = low
    self.high = high
    self.level = level
    self.blocks = blocks
    self.flags = flags
    self.notes = notes
  }
}
