/// How much a metric varies on a host where nothing changes.
public struct MetricNoiseRecord: Codable, Sendable, Equatable {
  public var workload: String
  public var parameters: [String: String]
  public var metric: String
  public var machine: Machine
  public var mode: Mode
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

  public init(
    workload: String, parameters: [String: String], metric: String, machine: Machine, mode: Mode, pairs: Int,
    noiseFloor: Double, minimumDetectableEffect: Double, blocksForFivePercent: Int?, variance: NoiseSourcesRecord?,
    iterations: Int?
  ) {
    self.workload = workload
    self.parameters = parameters
    self.metric = metric
    self.machine = machine
    self.mode = mode
    self.pairs = pairs
    self.noiseFloor = noiseFloor
    self.minimumDetectableEffect = minimumDetectableEffect
    self.blocksForFivePercent = blocksForFivePercent
    self.variance = variance
    self.iterations = iterations
  }
}
