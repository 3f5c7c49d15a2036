import Glibc
import Results
import Statistics

/// Decides about how often something happens for one operation: exits, interrupts, doorbells.
///
/// A busy host makes everything slower, and little of this more frequent. Where most blocks of a side are the same integer but for
/// the operations that a window's edges cut, that is the side's count: two such counts that differ decide, and nothing is left to
/// chance. What the other blocks have more (a guest that halted for a device that the host held up) is the host's, unless the test
/// finds it on one side only. Else the difference is tested by Student's t over the blocks, in pairs where there are pairs, with a
/// tenth of the error that times have: there is so little scatter in counts that they can afford it, and both together err with
/// 1.1 α.
struct CountRule {
  let options: GateOptions
  /// One-sided error of a decision about times.
  let alpha: Double
  let isPaired: Bool

  /// The least difference that is called one, and the one that a pass must exclude at least, for one operation.
  private static let leastEffect = 0.02
  private static let leastMargin = 0.1

  static func decides(_ series: Series) -> Bool { series.key.subject.unit == MetricRecord.perOperation }

  func decide(_ pairs: [GateMatching.Pair]) -> [GateComparison] {
    var records = pairs.map(compare)
    let open = records.indices.filter { records[$0].regressionProbability != nil }
    for path in [\GateComparison.regressionProbability, \GateComparison.improvementProbability] {
      let adjusted = Holm.adjusted(open.map { records[$0][keyPath: path] ?? 1 })
      for (index, probability) in zip(open, adjusted) { records[index][keyPath: path] = probability }
    }
    for index in open { records[index].outcome = outcome(records[index]) }
    return records
  }

  private func compare(_ pair: GateMatching.Pair) -> GateComparison {
    var record = GateComparison(pair.base.key, outcome: .inconclusive)
    let blocks = pair.base.points.keys.filter { !isPaired || pair.head.points[$0] != nil }.sorted()
    let base = blocks.compactMap { pair.base.points[$0]?.value }
    let head = (isPaired ? blocks : pair.head.points.keys.sorted()).compactMap { pair.head.points[$0]?.value }
    (record.baseBlocks, record.headBlocks) = (base.count, head.count)
    guard !base.isEmpty, !head.isEmpty else {
      record.reason = "no block has a count on both sides"
      return record
    }
    record.basis = .counts
    (record.base, record.head) = (Self.mean(base), Self.mean(head))
    if let one = ExactCount(base), let other = ExactCount(head),
      one.integer != other.integer || one.isWhole && other.isWhole
    {
      let difference = Double(other.integer - one.integer)
      (record.difference, record.differenceLow, record.differenceHigh) = (difference, difference, difference)
      let isWorse = record.direction == .lower ? difference > 0 : difference < 0
      record.outcome = difference == 0 ? .unchanged : isWorse ? .regression : .improvement
      return record
    }
    guard let estimate = estimate(base, head) else {
      record.reason = "one block cannot decide about a count that is not the same in every block"
      return record
    }
    // On the scale of the differences, whose interval the estimate gives as that of a ratio.
    let interval = estimate.interval(level: 1 - 2 * error)
    record.difference = estimate.mean
    (record.differenceLow, record.differenceHigh) = (log(interval.low), log(interval.high))
    let (isMore, isLess) = (estimate.probability(below: 1), estimate.probability(atLeast: 1))
    record.regressionProbability = record.direction == .lower ? isMore : isLess
    record.improvementProbability = record.direction == .lower ? isLess : isMore
    return record
  }

  private var error: Double { alpha / 10 }

  private func estimate(_ base: [Double], _ head: [Double]) -> RatioEstimate? {
    if isPaired {
      return (try? PairedLogRatio(logarithms: zip(head, base).map { $0 - $1 })).flatMap(RatioEstimate.init)
    }
    guard let mode = try? Sample(head), let reference = try? Sample(base) else { return nil }
    return RatioEstimate(mode: mode, reference: reference)
  }

  private func outcome(_ record: GateComparison) -> GateOutcome {
    let base = record.base ?? 0
    let (difference, low, high) = (
      record.difference ?? 0, record.differenceLow ?? -.infinity, record.differenceHigh ?? .infinity
    )
    let isLarge = abs(difference) >= max(options.minimumEffect * base, Self.leastEffect)
    let margin = max(options.margin * base, Self.leastMargin)
    if isLarge, record.regressionProbability ?? 1 <= error { return .regression }
    if isLarge, record.improvementProbability ?? 1 <= error { return .improvement }
    let excludes = record.direction == .lower ? high <= margin : low >= -margin
    return excludes ? .unchanged : .inconclusive
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
