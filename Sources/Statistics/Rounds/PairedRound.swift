/// What a mode and its reference showed in one round: a turn of each, milliseconds apart.
public struct PairedRound: Equatable, Sendable {
  /// What one turn showed: an amount, and the extent over which it was reached.
  public struct Turn: Equatable, Sendable {
    /// Operations, bytes, or the metric itself. Above 0 where a logarithm is to be taken.
    public let amount: Double
    /// Nanoseconds, or 1 for a metric that is no rate. Above 0.
    public let extent: Double

    /// A rate, whose ``RoundEstimator/sum`` is the ratio of all operations to all the time.
    public init(operations: UInt64, nanoseconds: UInt64) {
      amount = Double(operations)
      extent = Double(nanoseconds)
    }

    /// A metric of the turn that is no rate, such as a percentile; its ``RoundEstimator/sum`` compares means over the turns.
    public init(metric: Double) {
      amount = metric
      extent = 1
    }

    /// Operations a nanosecond, or the metric.
    public var figure: Double { amount / extent }
  }

  public let mode: Turn
  public let reference: Turn

  public init(mode: Turn, reference: Turn) {
    self.mode = mode
    self.reference = reference
  }
}
