/// What a calibration found out about judging on this host: how often nothing was called a regression, how often a known
/// slowdown was noticed, and how small a one could be. Later results of the same host carry it beside their verdicts.
public struct CalibrationRecord: Codable, Sendable, Equatable {
  /// When it began: ISO 8601, UTC.
  public var calibratedAt: String
  /// Fingerprint of the host.
  public var fingerprint: String
  public var suite: String
  public var tool: ToolRecord
  /// Blocks of each side of a decision.
  public var blocks: Int
  /// Decisions about two runs of the same build, none slowed.
  public var falseAlarms: RateRecord
  /// Whole gates about two such runs, with the error divided among all their comparisons.
  public var gateAlarms: RateRecord
  /// Decisions about a slowed build, by slowdown.
  public var detections: [DetectionRecord]
  public var metrics: [MetricNoiseRecord]
  /// How much of what the gate found in one of the slowed runs it found in the next; nil where there were no two.
  public var replication: ReplicationRecord?
  /// Lengths of turns, by workload; nil where they were not looked for.
  public var turnLengths: [TurnLengthRecord]?

  public init(
    calibratedAt: String, fingerprint: String, suite: String, tool: ToolRecord, blocks: Int, falseAlarms: RateRecord,
    gateAlarms: RateRecord, detections: [DetectionRecord] = [], metrics: [MetricNoiseRecord] = []
  ) {
    self.calibratedAt = calibratedAt
    self.fingerprint = fingerprint
    self.suite = suite
    self.tool = tool
    self.blocks = blocks
    self.falseAlarms = falseAlarms
    self.gateAlarms = gateAlarms
    self.detections = detections
    self.metrics = metrics
  }
}

extension CalibrationRecord {
  /// The best lengths of turns, nanoseconds, by workload.
  public var bestTurns: [Workload: UInt64] {
    let lengths = (turnLengths ?? []).compactMap { one in one.best.map { (one.workload, $0) } }
    return Dictionary(lengths) { first, _ in first }
  }

  /// The noise of the metric that a comparison is about, in its own machine and mode; nil where the calibration had no such leg.
  public func noise(of comparison: ComparisonRecord) -> MetricNoiseRecord? {
    metrics.first {
      $0.workload == comparison.workload && $0.metric == comparison.metric && $0.path == comparison.path
    }
  }
}
