/// What a run watched for noise, and from where on a leg counts as disturbed.
public struct NoiseRecord: Codable, Sendable, Equatable {
  /// Limits by name with the unit in it: `stealShare`, `othersShare`, `longestHiccupMilliseconds`.
  public var limits: [String: Double]
  /// CPU of the thread that looks for hiccups; nil where there is none, see ``absent``.
  public var hiccupCPU: Int?
  /// Share of that CPU's time that the thread itself took; nil without one.
  public var hiccupCost: Double?
  /// What could not be watched, by name, and why.
  public var absent: [String: String]

  public init(
    limits: [String: Double], hiccupCPU: Int? = nil, hiccupCost: Double? = nil, absent: [String: String] = [:]
  ) {
    self.limits = limits
    self.hiccupCPU = hiccupCPU
    self.hiccupCost = hiccupCost
    self.absent = absent
  }
}
