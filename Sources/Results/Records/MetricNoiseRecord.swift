/// How much a metric varies on a host where nothing changes.
public struct MetricNoiseRecord: Sendable, Equatable {
  public var workload: Workload
  public var metric: String
  public var path: Path
  /// Pairs of runs that it was found from.
  public var pairs: Int
  /// How far a gate's bound lies from a ratio with the calibration's blocks, relative to the ratio: what noise alone may show.
  public var noiseFloor: Double
  /// The least relative slowdown that a gate with the calibration's blocks notices eight times in ten.
  public var minimumDetectableEffect: Double
  /// Blocks that would show a slowdown of 5 % eight times in ten; nil where a million do not.
  public var blocksForFivePercent: Int?
  /// Relative standard deviations by where they come from; nil where there were too few legs to tell.
  public var variance: NoiseSourcesRecord?
  /// Windows a boot that make the most of the time.
  public var iterations: Int?
  /// What can be seen in a minute, and in longer; nil in calibrations of earlier versions, empty where that cannot be told.
  public var effects: [EffectRecord]?

  public init(
    workload: Workload, metric: String, path: Path, pairs: Int,
    noiseFloor: Double, minimumDetectableEffect: Double, blocksForFivePercent: Int?, variance: NoiseSourcesRecord?,
    iterations: Int?, effects: [EffectRecord]? = nil
  ) {
    self.workload = workload
    self.metric = metric
    self.path = path
    self.pairs = pairs
    self.noiseFloor = noiseFloor
    self.minimumDetectableEffect = minimumDetectableEffect
    self.blocksForFivePercent = blocksForFivePercent
    self.variance = variance
    self.iterations = iterations
    self.effects = effects
  }
}

// Flat: the fields of `path` and `workload` stand among the record's own.
extension MetricNoiseRecord: Codable {
  private enum Field: String, CodingKey {
    case metric, pairs, noiseFloor, minimumDetectableEffect, blocksForFivePercent, variance, iterations, effects
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    path = try Path(from: decoder)
    workload = try Workload(from: decoder)
    metric = try fields.value(.metric)
    pairs = try fields.value(.pairs)
    noiseFloor = try fields.value(.noiseFloor)
    minimumDetectableEffect = try fields.value(.minimumDetectableEffect)
    blocksForFivePercent = try fields.optional(.blocksForFivePercent)
    variance = try fields.optional(.variance)
    iterations = try fields.optional(.iterations)
    effects = try fields.optional(.effects)
  }

  public func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(metric, forKey: .metric)
    try fields.encode(pairs, forKey: .pairs)
    try fields.encode(noiseFloor, forKey: .noiseFloor)
    try fields.encode(minimumDetectableEffect, forKey: .minimumDetectableEffect)
    try fields.encodeIfPresent(blocksForFivePercent, forKey: .blocksForFivePercent)
    try fields.encodeIfPresent(variance, forKey: .variance)
    try fields.encodeIfPresent(iterations, forKey: .iterations)
    try fields.encodeIfPresent(effects, forKey: .effects)
  }
}

/// Relative standard deviations of a metric by where they come from.
public struct NoiseSourcesRecord: Codable, Sendable, Equatable {
  /// From one window to the next of the same boot.
  public var iteration: Double
  /// From one boot to the next in the same block.
  public var leg: Double
  /// From one block to the next.
  public var block: Double

  public init(iteration: Double, leg: Double, block: Double) {
    self.iteration = iteration
    self.leg = leg
    self.block = block
  }
}
