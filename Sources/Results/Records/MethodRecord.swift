import Glibc
import Statistics

/// How legs took turns, and what the method itself makes of equal sides.
public struct MethodRecord: Codable, Sendable, Equatable {
  /// How the rounds of a block become its ratio: `Hodges-Lehmann`.
  public var estimator: String
  /// The native leg against itself, a turn of each in every round, for each workload and metric that rounds have. Empty in a run
  /// that nothing was compared in.
  public var checks: [MethodCheckRecord]
  /// All workloads' checks together; nil for fewer than two, and in results of versions that did not look.
  public var pool: MethodPoolRecord?
  /// The native leg's turns after each of the other legs over its others: what a turn leaves behind for the next. Nil in results of
  /// versions that did not look.
  public var carryOver: [MethodCheckRecord]?

  public init(estimator: String, checks: [MethodCheckRecord] = []) {
    self.estimator = estimator
    self.checks = checks
  }
}

/// What the method makes of equal sides over all workloads, one rate of each: their mean, weighted by how closely each is
/// known, with an interval that keeps its level however differently the workloads scatter (`PrecisionWeightedMean`).
public struct MethodPoolRecord: Codable, Sendable, Equatable {
  public var ratio: Double
  /// Bounds of the interval; nil for fewer workloads than the level needs, six for 95 %.
  public var low: Double?
  public var high: Double?
  public var level: Double
  /// How many there are.
  public var workloads: Int

  public init(ratio: Double, low: Double?, high: Double?, level: Double, workloads: Int) {
    self.ratio = ratio
    self.low = low
    self.high = high
    self.level = level
    self.workloads = workloads
  }
}

/// A native leg's second turns over its first ones, or those after one of the other legs over the rest: 1 but for what the method does.
public struct MethodCheckRecord: Sendable, Equatable {
  public var workload: Workload
  public var metric: String
  public var ratio: Double
  /// Bounds of the interval; nil for one block.
  public var low: Double?
  public var high: Double?
  public var level: Double
  public var blocks: Int
  /// The leg whose turn was before, `nearmetal polled`; nil for second turns over first ones.
  public var after: String?

  public init(
    workload: Workload, metric: String, ratio: Double, low: Double?, high: Double?, level: Double, blocks: Int,
    after: String? = nil
  ) {
    self.workload = workload
    self.metric = metric
    self.ratio = ratio
    self.low = low
    self.high = high
    self.level = level
    self.blocks = blocks
    self.after = after
  }

  /// Of the ratio's logarithm, as its interval says; nil for one block.
  var standardError: Double? {
    guard let low, let high, low > 0, blocks > 1 else { return nil }
    return log(high / low) / 2 / StudentT(degreesOfFreedom: Double(blocks - 1)).quantile((1 + level) / 2)
  }
}

// Flat: the fields of `workload` stand among the record's own.
extension MethodCheckRecord: Codable {
  private enum Field: String, CodingKey { case metric, ratio, low, high, level, blocks, after }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    workload = try Workload(from: decoder)
    metric = try fields.value(.metric)
    ratio = try fields.value(.ratio)
    low = try fields.optional(.low)
    high = try fields.optional(.high)
    level = try fields.value(.level)
    blocks = try fields.value(.blocks)
    after = try fields.optional(.after)
  }

  public func encode(to encoder: any Encoder) throws {
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(metric, forKey: .metric)
    try fields.encode(ratio, forKey: .ratio)
    try fields.encodeIfPresent(low, forKey: .low)
    try fields.encodeIfPresent(high, forKey: .high)
    try fields.encode(level, forKey: .level)
    try fields.encode(blocks, forKey: .blocks)
    try fields.encodeIfPresent(after, forKey: .after)
  }
}
