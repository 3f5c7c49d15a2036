import Glibc
import Results
import Statistics

/// Decides the comparisons of one gate.
struct GateRule {
  let options: GateOptions
  /// One-sided error of a decision.
  let alpha: Double
  let isPaired: Bool
  /// Whether the guests of both sides took turns with each other, too.
  let isPaced: Bool
  /// Blocks without which a comparison decides nothing.
  let minimumBlocks: Int

  /// A comparison before its outcome is known.
  private struct Open {
    var record: GateComparison
    let estimate: RatioEstimate
    /// Standard deviation of a block's logarithm, of both sides together where they are unpaired.
    let spread: Double
    let blocks: GatePool.Blocks
  }

  func decide(_ pairs: [GateMatching.Pair]) -> (comparisons: [GateComparison], pools: [GatePool]) {
    var undecided: [GateComparison] = []
    var open: [Open] = []
    for pair in pairs {
      switch estimate(pair) {
      case .success(let item): open.append(item)
      case .failure(let refusal): undecided.append(refusal.record)
      }
    }
    var pools = GatePool.all(open.map { ($0.record, $0.blocks) }, alpha: alpha)
    adjust(&open, &pools)
    for index in pools.indices { pools[index].decide(options, alpha: alpha) }
    return (undecided + open.map(outcome), pools)
  }

  // MARK: Estimates

  private struct Refusal: Error {
    let record: GateComparison
  }

  private func estimate(_ pair: GateMatching.Pair) -> Result<Open, Refusal> {
    var record = GateComparison(pair.base.key, outcome: .inconclusive)
    // In a round of both sides the two CPUs are as far apart for the one as for the other.
    let pair = isPaced ? pair.anywhere : pair
    let (base, head) = values(pair)
    (record.baseBlocks, record.headBlocks) = (base.count, head.count)
    (record.base, record.head) = (Self.geometricMean(base), Self.geometricMean(head))
    guard min(base.count, head.count) >= minimumBlocks, let open = open(record, pair, base, head) else {
      record.reason =
        "\(min(base.count, head.count)) blocks with a figure above 0 cannot decide at alpha \(alpha): at least "
        + "\(minimumBlocks) are needed"
      return .failure(Refusal(record: record))
    }
    return .success(open)
  }

  private func open(
    _ record: GateComparison, _ pair: GateMatching.Pair, _ base: [Double], _ head: [Double]
  ) -> Open? {
    var record = record
    let blocks: GatePool.Blocks
    record.basis = .times
    if isPaired {
      // Sides that took turns with each other are compared turn by turn.
      let ratios = pair.head.ratios(over: pair.base)
      blocks = .pairs(Dictionary(ratios.map { ($0.block, $0.ratio.logarithm) }) { first, _ in first })
    } else {
      let sign = record.direction == .higher ? 1.0 : -1.0
      let raw = GatePool.Blocks.apart(base: base.map { sign * log($0) }, head: head.map { sign * log($0) })
      if let relative = pair.relative {
        guard let estimate = raw.estimate else { return nil }
        let interval = estimate.interval(level: 1 - 2 * alpha)
        (record.raw, record.rawLow, record.rawHigh) = (estimate.ratio, interval.low, interval.high)
        record.basis = .relative
        blocks = relative
      } else {
        blocks = raw
      }
    }
    guard let estimate = blocks.estimate else { return nil }
    let interval = estimate.interval(level: 1 - 2 * alpha)
    (record.ratio, record.low, record.high) = (estimate.ratio, interval.low, interval.high)
    record.regressionProbability = estimate.probability(atLeast: 1)
    record.improvementProbability = estimate.probability(below: 1)
    return Open(record: record, estimate: estimate, spread: blocks.spread, blocks: blocks)
  }

  /// The figures of both sides that have a logarithm; those of shared blocks where they are paired.
  private func values(_ pair: GateMatching.Pair) -> (base: [Double], head: [Double]) {
    func positive(_ series: Series) -> [Int: Double] {
      series.usual.compactMapValues { $0.value > 0 ? $0.value : nil }
    }
    let (base, head) = (positive(pair.base), positive(pair.head))
    let blocks = base.keys.filter { !isPaired || head[$0] != nil }.sorted()
    let other = isPaired ? blocks : head.keys.sorted()
    return (blocks.compactMap { base[$0] }, other.compactMap { head[$0] })
  }

  /// Nil for no values, and where one has no logarithm.
  static func geometricMean(_ values: [Double]) -> Double? {
    guard !values.isEmpty, values.allSatisfy({ $0 > 0 }) else { return nil }
    return exp(values.reduce(0) { $0 + log($1) } / Double(values.count))
  }

  // MARK: Outcomes

  /// Adjusts the p-values within each family, regressions and improvements apart. A pool is one more of its family.
  private func adjust(_ open: inout [Open], _ pools: inout [GatePool]) {
    guard options.family != .none else { return }
    let isOne = options.family == .gate
    let families = Dictionary(grouping: open.indices) { isOne ? "" : open[$0].record.workload.description }
    let pooled = Dictionary(grouping: pools.indices) { isOne ? "" : "all of \(pools[$0].workload)" }
    for family in Set(families.keys).union(pooled.keys) {
      let (members, others) = (families[family] ?? [], pooled[family] ?? [])
      for (path, pool) in [
        (\GateComparison.regressionProbability, \GatePool.regressionProbability),
        (\GateComparison.improvementProbability, \GatePool.improvementProbability),
      ] {
        let adjusted = Holm.adjusted(
          members.map { open[$0].record[keyPath: path] ?? 1 } + others.map { pools[$0][keyPath: pool] })
        for (index, probability) in zip(members, adjusted) { open[index].record[keyPath: path] = probability }
        for (index, probability) in zip(others, adjusted.dropFirst(members.count)) {
          pools[index][keyPath: pool] = probability
        }
      }
    }
  }

  private func outcome(_ open: Open) -> GateComparison {
    var record = open.record
    let ratio = open.estimate.ratio
    let isWorse = (record.regressionProbability ?? 1) <= alpha
    let isBetter = (record.improvementProbability ?? 1) <= alpha
    if isWorse && ratio <= 1 - options.minimumEffect {
      record.outcome = .regression
    } else if isBetter && ratio >= 1 + options.minimumEffect {
      record.outcome = .improvement
    } else if (record.low ?? 0) >= 1 - options.margin {
      record.outcome = .unchanged
    } else {
      record.blocksToDecide = blocksToDecide(open)
    }
    return record
  }

  /// The lesser of what it takes to show a regression of the estimated size, and to exclude one as large as the margin.
  private func blocksToDecide(_ open: Open) -> Int? {
    let mean = open.estimate.mean
    let sides = isPaired ? 1 : 2
    func blocks(_ distance: Double) -> Int? {
      BlockPlanning.blocks(distance: distance, spread: open.spread, alpha: alpha, sides: sides)
    }
    let toPass = mean > log(1 - options.margin) ? blocks(mean - log(1 - options.margin)) : nil
    let toFail = open.estimate.ratio <= 1 - options.minimumEffect ? blocks(mean) : nil
    guard let least = [toPass, toFail].compactMap(\.self).min() else { return nil }
    // What is known already did not suffice.
    return max(least, min(open.record.baseBlocks, open.record.headBlocks) + 1)
  }
}
