import Results

/// One metric of one workload on one machine in one mode, head against base.
public struct GateComparison: Sendable, Equatable {
  public var workload: Workload
  public var metric: String
  public var unit: String
  public var direction: Direction
  public var path: Path
  public var outcome: GateOutcome
  /// Why the outcome is what it is, where the figures alone do not say.
  public var reason: String?
  /// Geometric mean over the blocks, in ``unit``; nil where there is none.
  public var base: Double?
  public var head: Double?
  /// Head over base, turned so that 1.0 is the base and higher is better; with its two-sided interval at 1 - 2α, whose every
  /// end errs with chance α. Not adjusted for the family. Nil where there is none.
  public var ratio: Double?
  public var low: Double?
  public var high: Double?
  /// Blocks on each side; in a paired comparison those that both have.
  public var baseBlocks: Int
  public var headBlocks: Int
  /// P-value of "head is as good as base or better", adjusted within the family; a regression needs it at most α.
  public var regressionProbability: Double?
  /// P-value of "head is as good as base or worse", adjusted within the family; an improvement needs it at most α.
  public var improvementProbability: Double?
  /// Blocks a side that would probably decide an inconclusive comparison, by the scatter so far; nil elsewhere.
  public var blocksToDecide: Int?
  /// What the outcome rests on; nil in files of earlier versions, and where there are no figures.
  public var basis: GateBasis?
  /// Head over base by the figures themselves, with the bounds of that, where the outcome rests on ratios to bare metal.
  public var raw: Double?
  public var rawLow: Double?
  public var rawHigh: Double?
  /// Head less base, with its bounds, where the outcome rests on counts; both bounds are the difference where it is exact.
  public var difference: Double?
  public var differenceLow: Double?
  public var differenceHigh: Double?

  /// `block.randread bs=4KiB qd=1 iops, nearmetal polled`.
  public var name: String { "\(workload) \(metric), \(path)" }
}

// Flat: the fields of `path` and `workload` stand among the record's own.
extension GateComparison: Codable {
  private enum Field: String, CodingKey {
    case metric, unit, direction, outcome, reason, base, head, ratio, low, high, baseBlocks, headBlocks,
      regressionProbability, improvementProbability, blocksToDecide, basis, raw, rawLow, rawHigh, difference,
      differenceLow, differenceHigh
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    path = try Path(from: decoder)
    workload = try Workload(from: decoder)
    metric = try fields.value(.metric)
    unit = try fields.value(.unit)
    direction = try fields.value(.direction)
    outcome = try fields.value(.outcome)
    reason = try fields.optional(.reason)
    base = try fields.optional(.base)
    head = try fields.optional(.head)
    ratio = try fields.optional(.ratio)
    low = try fields.optional(.low)
    high = try fields.optional(.high)
    baseBlocks = try fields.value(.baseBlocks)
    headBlocks = try fields.value(.headBlocks)
    regressionProbability = try fields.optional(.regressionProbability)
    improvementProbability = try fields.optional(.improvementProbability)
    blocksToDecide = try fields.optional(.blocksToDecide)
    basis = try fields.optional(.basis)
    raw = try fields.optional(.raw)
    rawLow = try fields.optional(.rawLow)
    rawHigh = try fields.optional(.rawHigh)
    difference = try fields.optional(.difference)
    differenceLow = try fields.optional(.differenceLow)
    differenceHigh = try fields.optional(.differenceHigh)
  }

  public func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(metric, forKey: .metric)
    try fields.encode(unit, forKey: .unit)
    try fields.encode(direction, forKey: .direction)
    try fields.encode(outcome, forKey: .outcome)
    try fields.encodeIfPresent(reason, forKey: .reason)
    try fields.encodeIfPresent(base, forKey: .base)
    try fields.encodeIfPresent(head, forKey: .head)
    try fields.encodeIfPresent(ratio, forKey: .ratio)
    try fields.encodeIfPresent(low, forKey: .low)
    try fields.encodeIfPresent(high, forKey: .high)
    try fields.encode(baseBlocks, forKey: .baseBlocks)
    try fields.encode(headBlocks, forKey: .headBlocks)
    try fields.encodeIfPresent(regressionProbability, forKey: .regressionProbability)
    try fields.encodeIfPresent(improvementProbability, forKey: .improvementProbability)
    try fields.encodeIfPresent(blocksToDecide, forKey: .blocksToDecide)
    try fields.encodeIfPresent(basis, forKey: .basis)
    try fields.encodeIfPresent(raw, forKey: .raw)
    try fields.encodeIfPresent(rawLow, forKey: .rawLow)
    try fields.encodeIfPresent(rawHigh, forKey: .rawHigh)
    try fields.encodeIfPresent(difference, forKey: .difference)
    try fields.encodeIfPresent(differenceLow, forKey: .differenceLow)
    try fields.encodeIfPresent(differenceHigh, forKey: .differenceHigh)
  }
}

extension GateComparison {
  /// A comparison without figures.
  init(_ key: Series.Key, outcome: GateOutcome) {
    self.init(
      workload: key.subject.workload, metric: key.subject.metric, unit: key.subject.unit,
      direction: key.subject.direction, path: key.path, outcome: outcome, baseBlocks: 0, headBlocks: 0)
  }
}

/// What a comparison of a gate rests on.
public enum GateBasis: String, Codable, Sendable, CaseIterable {
  /// The figures of both sides as they are.
  case times
  /// The ratios of both sides to bare metal, each taken within its own run: what drifted between two runs cancels.
  case relative
  /// How often something happens for one operation: an integer where it is exact, on the busiest host too.
  case counts
}

/// What became of one metric of one workload in one mode between base and head.
public enum GateOutcome: String, Codable, Sendable, CaseIterable {
  /// Worse, by more than noise and by more than the minimum effect; or it ran in the base and failed in the head.
  case regression
  /// The data can neither show a regression nor exclude a slowdown as large as the margin.
  case inconclusive
  /// Better, by more than noise and by more than the minimum effect.
  case improvement
  /// A slowdown as large as the margin is excluded.
  case unchanged

  /// Worst first.
  public var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
