import Glibc
import Results
import Statistics

/// One metric of a workload at all the sizes and depths that were measured, on one machine in one mode: did the change cost anything?
///
/// Siblings are the same workload with other parameters, measured in the same blocks. The pooled figure of a block is the plain mean
/// of its siblings' logarithms, each weighing the same whatever the data: a small cost that all share shows there first. A cost of
/// one sibling alone is diluted; its own comparison shows that. The pool shares the gate's error as one more comparison (Holm).
public struct GatePool: Codable, Sendable, Equatable {
  /// The workload's id: `block.randread`.
  public var workload: String
  public var metric: String
  public var unit: String
  public var direction: Direction
  public var basis: GateBasis
  public var machine: Machine
  public var mode: Mode
  /// How many there are: two or more.
  public var siblings: Int
  public var outcome: GateOutcome
  /// Head over base as in ``GateComparison``.
  public var ratio: Double
  public var low: Double
  public var high: Double
  public var blocks: Int
  /// P-values as in ``GateComparison``.
  public var regressionProbability: Double
  public var improvementProbability: Double

  /// As one more comparison of the gate, of the workload without any parameters.
  public var comparison: GateComparison {
    var comparison = GateComparison(
      workload: Workload(workload), metric: metric, unit: unit, direction: direction, path: Path(machine, mode),
      outcome: outcome, reason: "\(siblings) sets of parameters together", baseBlocks: blocks, headBlocks: blocks)
    (comparison.ratio, comparison.low, comparison.high) = (ratio, low, high)
    comparison.regressionProbability = regressionProbability
    comparison.improvementProbability = improvementProbability
    comparison.basis = basis
    return comparison
  }

  /// The logarithms of a comparison's blocks, oriented so that above 0 head is the better.
  enum Blocks {
    /// Head over base, by block.
    case pairs([Int: Double])
    /// Of two runs whose blocks form no pairs.
    case apart(base: [Double], head: [Double])

    var estimate: RatioEstimate? {
      switch self {
      case .pairs(let pairs):
        (try? PairedLogRatio(logarithms: pairs.keys.sorted().compactMap { pairs[$0] })).flatMap(RatioEstimate.init)
      case .apart(let base, let head):
        samples(base, head).flatMap { RatioEstimate(mode: $0.head, reference: $0.base) }
      }
    }

    /// Standard deviation of a block's logarithm, of both sides together where they are apart; 0 where there is none.
    var spread: Double {
      switch self {
      case .pairs(let pairs): (try? Sample(Array(pairs.values)))?.standardDeviation ?? 0
      case .apart(let base, let head):
        samples(base, head).map { hypot($0.base.standardDeviation, $0.head.standardDeviation) } ?? 0
      }
    }

    /// Blocks of the side that has fewer.
    var count: Int {
      switch self {
      case .pairs(let pairs): pairs.count
      case .apart(let base, let head): min(base.count, head.count)
      }
    }

    private func samples(_ base: [Double], _ head: [Double]) -> (base: Sample, head: Sample)? {
      guard let base = try? Sample(base), let head = try? Sample(head) else { return nil }
      return (base, head)
    }

    /// The mean of several over the blocks that all have; nil where there are none, or they are of both kinds.
    static func mean(_ all: [Blocks]) -> Blocks? {
      func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
      func means(_ sides: [[Double]]) -> [Double]? {
        guard let length = sides.map(\.count).min(), length > 1 else { return nil }
        return (0..<length).map { block in mean(sides.map { $0[block] }) }
      }
      var pairs: [[Int: Double]] = []
      var (bases, heads): ([[Double]], [[Double]]) = ([], [])
      for one in all {
        switch one {
        case .pairs(let own): pairs.append(own)
        case .apart(let base, let head):
          bases.append(base)
          heads.append(head)
        }
      }
      if pairs.count == all.count, let first = pairs.first {
        let shared = first.keys.filter { block in pairs.allSatisfy { $0[block] != nil } }
        guard shared.count > 1 else { return nil }
        return .pairs(
          Dictionary(uniqueKeysWithValues: shared.map { block in (block, mean(pairs.compactMap { $0[block] })) }))
      }
      guard bases.count == all.count, let base = means(bases), let head = means(heads) else { return nil }
      return .apart(base: base, head: head)
    }
  }

  /// The pools of the comparisons that have siblings, in the order of their names, undecided.
  static func all(_ comparisons: [(record: GateComparison, blocks: Blocks)], alpha: Double) -> [GatePool] {
    let groups = Dictionary(grouping: comparisons) { item in
      [item.record.workload.id, item.record.metric, item.record.path.machine.rawValue, item.record.path.mode.rawValue]
    }
    return groups.values.compactMap { group in
      guard group.count > 1, let mean = Blocks.mean(group.map(\.blocks)), let estimate = mean.estimate else {
        return nil
      }
      let interval = estimate.interval(level: 1 - 2 * alpha)
      let record = group[0].record
      return GatePool(
        workload: record.workload.id, metric: record.metric, unit: record.unit, direction: record.direction,
        basis: record.basis ?? .times, machine: record.path.machine, mode: record.path.mode,
        siblings: group.count, outcome: .inconclusive, ratio: estimate.ratio, low: interval.low, high: interval.high,
        blocks: mean.count, regressionProbability: estimate.probability(atLeast: 1),
        improvementProbability: estimate.probability(below: 1))
    }.sorted { $0.comparison.name < $1.comparison.name }
  }

  /// The same three questions as for a comparison, with the adjusted p-values.
  mutating func decide(_ options: GateOptions, alpha: Double) {
    if regressionProbability <= alpha && ratio <= 1 - options.minimumEffect {
      outcome = .regression
    } else if improvementProbability <= alpha && ratio >= 1 + options.minimumEffect {
      outcome = .improvement
    } else if low >= 1 - options.margin {
      outcome = .unchanged
    }
  }
}
