/// How long the windows of a workload's turns are best on a host.
public struct TurnLengthRecord: Sendable, Equatable {
  /// One length that was tried.
  public struct Trial: Codable, Sendable, Equatable {
    /// Nanoseconds of a window.
    public var length: UInt64
    /// Standard deviation of a block's logarithm of the native leg's second turns over its first.
    public var spread: Double
    /// Seconds that a block took, parking, waking and warming included.
    public var seconds: Double

    public init(length: UInt64, spread: Double, seconds: Double) {
      self.length = length
      self.spread = spread
      self.seconds = seconds
    }

    /// What one second of measuring leaves of the scatter: the least is the best.
    public var spreadOfOneSecond: Double { spread * seconds.squareRoot() }
  }

  public var workload: Workload
  public var trials: [Trial]

  public init(workload: Workload, trials: [Trial]) {
    self.workload = workload
    self.trials = trials
  }

  /// Nanoseconds of the best; nil without any trial.
  public var best: UInt64? { trials.min { $0.spreadOfOneSecond < $1.spreadOfOneSecond }?.length }
}

// Flat: the fields of `workload` stand among the record's own.
extension TurnLengthRecord: Codable {
  private enum Field: String, CodingKey { case trials }

  public init(from decoder: any Decoder) throws {
    workload = try Workload(from: decoder)
    trials = try decoder.container(keyedBy: Field.self).value(.trials)
  }

  public func encode(to encoder: any Encoder) throws {
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(trials, forKey: .trials)
  }
}
