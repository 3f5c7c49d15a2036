import Results

/// One decision of a calibration: a gate over one workload on one machine in one mode. No leg counts in two of them.
public struct CalibrationDecision: Codable, Sendable, Equatable {
  /// The pair of runs, from 0 for each slowdown.
  public var pair: Int
  /// What slowed the head; nil for two equal sides.
  public var injection: InjectionRecord?
  /// The gate's worst comparison.
  public var comparison: GateComparison

  public init(pair: Int, injection: InjectionRecord?, comparison: GateComparison) {
    self.pair = pair
    self.injection = injection
    self.comparison = comparison
  }
}
