/// A metric on one machine in one mode against the same metric of the same workload on a reference machine.
public struct ComparisonRecord: Sendable, Equatable {
  public var workload: Workload
  public var metric: String
  public var unit: String
  public var direction: Direction
  public var path: Path
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
    workload: Workload, metric: String, unit: String, direction: Direction,
    path: Path, reference: Machine, value: Double, referenceValue: Double, ratio: Double,
    low: Double?, high: Double?, level: Double, blocks: Int, flags: [ComparisonFlag] = [], notes: [String] = []
  ) {
    self.workload = workload
    self.metric = metric
    self.unit = unit
    self.direction = direction
    self.path = path
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

// Flat: the fields of `path` and `workload` stand among the record's own.
extension ComparisonRecord: Codable {
  private enum Field: String, CodingKey {
    case metric, unit, direction, reference, value, referenceValue, ratio, low, high, level, blocks, flags, notes
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    path = try Path(from: decoder)
    workload = try Workload(from: decoder)
    metric = try fields.value(.metric)
    unit = try fields.value(.unit)
    direction = try fields.value(.direction)
    reference = try fields.value(.reference)
    value = try fields.value(.value)
    referenceValue = try fields.value(.referenceValue)
    ratio = try fields.value(.ratio)
    low = try fields.optional(.low)
    high = try fields.optional(.high)
    level = try fields.value(.level)
    blocks = try fields.value(.blocks)
    flags = try fields.value(.flags)
    notes = try fields.value(.notes)
  }

  public func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(metric, forKey: .metric)
    try fields.encode(unit, forKey: .unit)
    try fields.encode(direction, forKey: .direction)
    try fields.encode(reference, forKey: .reference)
    try fields.encode(value, forKey: .value)
    try fields.encode(referenceValue, forKey: .referenceValue)
    try fields.encode(ratio, forKey: .ratio)
    try fields.encodeIfPresent(low, forKey: .low)
    try fields.encodeIfPresent(high, forKey: .high)
    try fields.encode(level, forKey: .level)
    try fields.encode(blocks, forKey: .blocks)
    try fields.encode(flags, forKey: .flags)
    try fields.encode(notes, forKey: .notes)
  }
}

/// What a reader of a comparison or a summary must know besides its figures.
public enum ComparisonFlag: String, Codable, Sendable, CaseIterable {
  /// The whole interval lies above 1.0, also at a level that allows for the number of comparisons in the run: faster than
  /// the reference by more than noise, so probably not equal work.
  case superNative = "super-native"
  /// Fewer blocks than the level needs; no verdict may rest on it.
  case fewBlocks = "few-blocks"
  /// Blocks of the plan in which one side or both are absent.
  case missingBlocks = "missing-blocks"
  /// One block only: there is no interval.
  case singleBlock = "single-block"
  /// At least one leg says itself that it was disturbed.
  case disturbedLegs = "disturbed-legs"
  /// Blocks in which a side was zero or negative, and has no ratio.
  case nonPositive = "non-positive"
  /// Some turns of one side were much slower than its others: the ratio is of typical turns, a note says what all of them give.
  case unevenTurns = "uneven-turns"
  /// The blocks of a polled mode lie on two levels: notes give both, with how far apart the CPUs were in each.
  case levels
  /// The reference machine was to run this workload and has no figure, so only a summary could be given.
  case referenceMissing = "reference-missing"
  /// One side was slowed on purpose, to calibrate.
  case injected
}
