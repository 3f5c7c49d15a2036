/// How often a slowdown of known size was called a regression.
public struct DetectionRecord: Codable, Sendable, Equatable {
  public var injection: InjectionRecord
  /// Decisions that were made about workloads that the slowdown reaches, and those among them that found it.
  public var rate: RateRecord
  /// Geometric mean of the slowed side's ratio to the other, by workload, machine, mode and metric as they are shown.
  public var ratios: [String: Double]
  /// How often it was missed, by why; nil in calibrations of earlier versions.
  public var misses: [String: Int]?

  public init(injection: InjectionRecord, rate: RateRecord, ratios: [String: Double], misses: [String: Int]? = nil) {
    self.injection = injection
    self.rate = rate
    self.ratios = ratios
    self.misses = misses
  }
}
