import Statistics

/// What a gate calls a regression, and what it takes to pass.
public struct GateOptions: Codable, Sendable, Equatable {
  /// The slowdown that a pass must exclude, as a share: 0.05 means that head is shown to reach 0.95 of base. From 0 to below 1,
  /// and not below ``minimumEffect``.
  public var margin: Double
  /// One-sided error of each decision in its ``family``: the chance of a regression where nothing changed, and the chance of
  /// an improvement where nothing changed. Above 0 and below 0.5.
  public var alpha: Double
  public var family: GateFamily
  /// A slowdown or speed-up whose estimate is smaller is neither a regression nor an improvement, however certain it is. A
  /// share, from 0 to below 1.
  public var minimumEffect: Double
  /// Names of the metrics that are judged. Empty means the headline metric of each workload, the first that its legs have;
  /// `all` among them means every metric.
  public var metrics: [String]
  /// Outcomes that fail the gate besides a regression, which always does.
  public var failOn: [GateOutcome]

  public init(
    margin: Double = 0.05, alpha: Double = 0.01, family: GateFamily = .gate, minimumEffect: Double = 0.02,
    metrics: [String] = [], failOn: [GateOutcome] = []
  ) {
    self.margin = margin
    self.alpha = alpha
    self.family = family
    self.minimumEffect = minimumEffect
    self.metrics = metrics
    self.failOn = failOn
  }

  /// What is wrong with the options, in one line; nil where nothing is.
  public var problem: String? {
    if !(alpha > 0 && alpha < 0.5) { return "alpha: expected a number above 0 and below 0.5, found \(alpha)" }
    if !(margin >= 0 && margin < 1) { return "margin: expected a number from 0 to below 1, found \(margin)" }
    if !(minimumEffect >= 0 && minimumEffect <= margin) {
      return "minimum effect: expected a number from 0 to the margin \(margin), found \(minimumEffect)"
    }
    return nil
  }

  /// The least number of pairs of blocks that can decide anything at this error.
  public var leastPairs: Int { BlockPlanning.minimumPaired(alpha: alpha) }
}

/// Which comparisons share one error α, divided among them by Holm's procedure.
public enum GateFamily: String, Codable, Sendable, CaseIterable {
  /// All of the gate: α is the chance that a gate over equal builds reports any regression.
  case gate
  /// Those of one workload with its parameters, over metrics, machines and modes.
  case workload
  /// Each stands alone: the more comparisons, the more false alarms.
  case none
}
