/// "Did this change cost anything?", asked of related comparisons together, and only then: which.
///
/// Siblings are the same workload at other sizes and depths, measured in the same blocks. The pooled figure of a block is the
/// plain mean of its siblings' logarithms, each weighing the same whatever the data; the paired t of these means keeps what the
/// siblings of a block have in common. If they do not show a cost, nothing is found. If they do, the siblings are tested at the
/// same error with Holm's correction. The chance of any false finding is at most α in all: where the mean over the siblings
/// truly has no cost the pooled test keeps it, else Holm's procedure does.
public struct PooledComparison: Equatable, Sendable {
  /// One logarithm a block: the mean over the siblings.
  public let pooled: PairedLogRatio
  public let siblings: [PairedLogRatio]

  /// - Parameter siblings: at least one, all of the same blocks in the same order.
  /// - Throws: ``StatisticsError/unpaired(left:right:)`` where their blocks differ in number.
  public init(_ siblings: [PairedLogRatio]) throws(StatisticsError) {
    precondition(!siblings.isEmpty, "a pooled comparison has a sibling")
    let blocks = siblings[0].blocks
    for sibling in siblings where sibling.blocks != blocks { throw .unpaired(left: blocks, right: sibling.blocks) }
    pooled = try PairedLogRatio(
      logarithms: (0..<blocks).map { block in
        siblings.reduce(0) { $0 + $1.logarithms[block] } / Double(siblings.count)
      })
    self.siblings = siblings
  }

  /// What the blocks show.
  public struct Findings: Equatable, Sendable {
    /// P-value of the pooled test.
    public let probability: Double
    public let isCostly: Bool
    /// P-values of the siblings, adjusted by Holm, in their order.
    public let adjusted: [Double]
    /// Indices of the siblings that are shown to have a cost; empty unless ``isCostly``. It may be empty even then: all
    /// together can show what none shows alone.
    public let costly: [Int]
  }

  /// One-sided tests that the ratio is 1 or more, at the error `alpha`, above 0 and below 0.5.
  ///
  /// - Throws: ``StatisticsError/tooFewBlocks(have:need:level:)``.
  public func findings(alpha: Double) throws(StatisticsError) -> Findings {
    precondition(alpha > 0 && alpha < 0.5, "a one-sided error lies between 0 and 0.5")
    let need = BlockPlanning.minimumPaired(alpha: alpha)
    guard pooled.blocks >= need, let estimate = RatioEstimate(pooled) else {
      throw .tooFewBlocks(have: pooled.blocks, need: need, level: 1 - alpha)
    }
    let probability = estimate.probability(atLeast: 1)
    let adjusted = Holm.adjusted(siblings.compactMap { RatioEstimate($0)?.probability(atLeast: 1) })
    let isCostly = probability <= alpha
    return Findings(
      probability: probability, isCostly: isCostly, adjusted: adjusted,
      costly: isCostly ? adjusted.indices.filter { adjusted[$0] <= alpha } : [])
  }
}
