/// Two separate runs of one comparison, by their ratios to the reference as well as by their own figures.
///
/// Whatever drifted between the runs slows reference and mode alike, and cancels in ``relative``, the difference of
/// differences. A change that truly slows both cancels there too, but not in ``raw``: judge and show both, with ``reference``
/// beside them. On the logarithmic scale ``raw`` is the sum of the other two.
public struct RunDifference: Equatable, Sendable {
  /// Head's ratio to the reference over base's.
  public let relative: RatioEstimate
  /// Head's figure over base's.
  public let raw: RatioEstimate
  /// The reference in head's run over the reference in base's.
  public let reference: RatioEstimate

  /// The figures of one run.
  public struct Run: Equatable, Sendable {
    /// One a block, above 0.
    public let mode: [Double]
    /// Of the same blocks, above 0.
    public let reference: [Double]

    public init(mode: [Double], reference: [Double]) {
      self.mode = mode
      self.reference = reference
    }
  }

  /// By Welch's t on the blocks' logarithms: the blocks of separate runs form no pairs.
  ///
  /// - Parameter higherIsBetter: false turns all ratios over, so that above 1.0 head is the better.
  /// - Throws: ``StatisticsError/tooFewBlocks(have:need:level:)`` for fewer than two blocks in either run; what
  ///   ``PairedLogRatio/init(mode:reference:higherIsBetter:)`` throws.
  public init(base: Run, head: Run, higherIsBetter: Bool) throws(StatisticsError) {
    relative = try Self.difference(base, head) { run throws(StatisticsError) in
      try PairedLogRatio(mode: run.mode, reference: run.reference, higherIsBetter: higherIsBetter)
    }
    raw = try Self.difference(base, head) { run throws(StatisticsError) in
      try PairedLogRatio(mode: run.mode, reference: run.mode.map { _ in 1 }, higherIsBetter: higherIsBetter)
    }
    reference = try Self.difference(base, head) { run throws(StatisticsError) in
      try PairedLogRatio(mode: run.reference, reference: run.reference.map { _ in 1 }, higherIsBetter: higherIsBetter)
    }
  }

  private static func difference(
    _ base: Run, _ head: Run, _ logarithms: (Run) throws(StatisticsError) -> PairedLogRatio
  ) throws(StatisticsError) -> RatioEstimate {
    let sides = (try logarithms(base).sample, try logarithms(head).sample)
    guard let estimate = RatioEstimate(mode: sides.1, reference: sides.0) else {
      throw .tooFewBlocks(have: min(sides.0.count, sides.1.count), need: 2, level: 0)
    }
    return estimate
  }
}
