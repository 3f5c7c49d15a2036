import Results
import Statistics

/// Decides a claim that a count for one operation is at most a number.
///
/// Where most blocks agree on an integer, but for the operations that a window's edges cut, it decides and nothing is left to chance.
/// Else Student's interval of the blocks' mean lies on one side of the number or not, at the claim's level. It shares no error with
/// other claims: there is so little scatter in counts that a tenth of its own error is all that it takes.
enum CountClaim {
  private struct Case {
    let count: Double
    let interval: Interval
    let blocks: Int
    let isExact: Bool
  }

  static func decide(_ claim: Claim, _ result: RunResult, _ series: [Series]) -> ClaimRecord {
    var record = claim.record(reason: nil)
    let level = 1 - (1 - claim.level) / 10
    let counted = series.filter { claim.speaks(of: $0) }.map { $0.points.values.map(\.value) }.filter { !$0.isEmpty }
    let cases = counted.compactMap { examine($0, level: level) }
    guard let worst = cases.max(by: { $0.interval.high < $1.interval.high }) else {
      record.reason =
        counted.isEmpty
        ? ClaimEvidence.absence(claim, result, claim.path)
        : "one block cannot decide about a count that is no integer"
      return record
    }
    (record.ratio, record.low, record.high) = (worst.count, worst.interval.low, worst.interval.high)
    record.blocks = worst.blocks
    if !worst.isExact { record.level = level }
    if cases.count == counted.count, worst.interval.high <= claim.margin {
      record.verdict = .pass
    } else if let over = cases.max(by: { $0.interval.low < $1.interval.low }), over.interval.low > claim.margin {
      record.verdict = .fail
      (record.ratio, record.low, record.high) = (over.count, over.interval.low, over.interval.high)
      (record.blocks, record.level) = (over.blocks, over.isExact ? nil : level)
    }
    return record
  }

  private static func examine(_ values: [Double], level: Double) -> Case? {
    if let exact = ExactCount(values) {
      let count = Double(exact.integer)
      let interval = Interval(low: count, high: count, level: level)
      return Case(count: count, interval: interval, blocks: values.count, isExact: true)
    }
    guard let sample = try? Sample(values), let interval = sample.interval(level: level) else { return nil }
    return Case(count: sample.mean, interval: interval, blocks: values.count, isExact: false)
  }
}
