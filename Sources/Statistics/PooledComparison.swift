/// "Did this change cost anything?", asked of related comparisons together, and then: which of them.
///
/// Siblings are the same workload at other sizes and depths, measured in the same blocks. The pooled figure of a block is the
/// plain mean of its siblings' logarithms, each weighing the same whatever the data; the paired t of these means keeps what the
/// siblings of a block have in common. A small cost that all share shows there first; a cost of one sibling alone is diluted,
/// or made up for by gains of others. So the error is shared, half to the pooled test and half to the siblings, these with
/// Holm's correction among them; if the pooled test rejects, the siblings get its half too.
///
/// The chance of any false finding is at most α: where the mean over the siblings truly has no cost, the halves add up to it;
/// else only the siblings can be found falsely, and Holm's procedure keeps α (a graphical procedure of Bretz et al. 2009).
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
    /// Whether the pooled test shows a cost.
    public let isPooledCostly: Bool
    /// P-values of the siblings, adjusted by Holm, in their order.
    public let adjusted: [Double]
    /// Indices of the siblings that are shown to have a cost. It may be empty where all together show one.
    public let costly: [Int]

    /// The verdict: whether the change cost anything.
    public var isCostly: Bool { isPooledCostly || !costly.isEmpty }
  }

  /// One-sided tests that the ratio is 1 or more, at the error `alpha` for all of them, above 0 and below 0.5.
  ///
  /// - Throws: ``StatisticsError/tooFewBlocks(have:need:level:)``.
  public func findings(alpha: Double) throws(StatisticsError) -> Findings {
    precondition(alpha > 0 && alpha < 0.5, "a one-sided error lies between 0 and 0.5")
    let half = alpha / 2
    let need = BlockPlanning.minimumPaired(alpha: half)
    guard pooled.blocks >= need, let estimate = RatioEstimate(pooled) else {
      throw .tooFewBlocks(have: pooled.blocks, need: need, level: 1 - half)
    }
    let probability = estimate.probability(atLeast: 1)
    let adjusted = Holm.adjusted(siblings.compactMap { RatioEstimate($0)?.probability(atLeast: 1) })
    let isPooledCostly = probability <= half
    let error = isPooledCostly ? alpha : half
    return Findings(
      probability: probability, isPooledCostly: isPooledCostly, adjusted: adjusted,
      costly: adjusted.indices.filter { adjusted[$0] <= error })
  }
}
