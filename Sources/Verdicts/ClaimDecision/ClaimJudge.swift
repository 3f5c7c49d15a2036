import Glibc
import Results
import Statistics

/// Decides claims from the legs of a run.
///
/// "At least m of the reference" passes where the lower bound of the ratio is at or above m, fails where the upper bound lies
/// below it, and is inconclusive otherwise. The bounds err with (1 - level)/2 each, halved where the run had declared an
/// extension. Blocking claims that have data share that error by Holm's procedure, those that would pass and those that would
/// fail apart, and their intervals widen accordingly: the interval and the verdict always agree.
public enum ClaimJudge {
  /// Decides; reads no file. The records are in the order of the claims.
  public static func decide(_ claims: [Claim], _ result: RunResult) -> [ClaimRecord] {
    let series = Series.all(in: result.legs)
    let evidence = claims.map { claim in claim.test == .runs ? nil : ClaimEvidence(claim, result, series) }
    let open = evidence.indices.filter { index in
      evidence[index].map { $0.reason == nil && $0.claim.requirement == .blocker } ?? false
    }
    // Claims may differ in their level: each p-value is taken in units of its own error.
    func divisors(_ probability: (ClaimEvidence) -> Double) -> [Int: Int] {
      let scaled = open.compactMap { evidence[$0].map { probability($0) / $0.alpha } }
      return Dictionary(uniqueKeysWithValues: zip(open, Holm.divisors(scaled, alpha: 1)))
    }
    let passing = divisors(\.passProbability)
    let failing = divisors(\.failProbability)
    return claims.indices.map { index in
      guard let evidence = evidence[index] else { return runs(claims[index], result) }
      return decide(evidence, passing: passing[index] ?? 1, failing: failing[index] ?? 1)
    }
  }

  /// Claims that speak of a workload which the run has legs of.
  public static func applicable(_ claims: [Claim], to result: RunResult) -> [Claim] {
    claims.filter { claim in
      result.legs.contains(where: claim.speaks(of:))
    }
  }

  /// - Parameters:
  ///   - passing: by how much α is divided for a pass.
  ///   - failing: by how much it is divided for a fail.
  private static func decide(_ evidence: ClaimEvidence, passing: Int, failing: Int) -> ClaimRecord {
    var record = evidence.claim.record(reason: evidence.reason)
    guard evidence.reason == nil else { return record }
    let margin = evidence.claim.margin
    let passAlpha = evidence.alpha / Double(passing)
    let failAlpha = evidence.alpha / Double(failing * evidence.cases.count)
    func worst(_ alpha: Double) -> (case: ClaimEvidence.Case, interval: Interval)? {
      evidence.cases.map { (case: $0, interval: $0.estimate.interval(level: 1 - 2 * alpha)) }
        .min { ($0.interval.low, $0.interval.high) < ($1.interval.low, $1.interval.high) }
    }
    var alpha = min(passAlpha, failAlpha)
    var shown = worst(alpha)
    if let held = worst(passAlpha), held.interval.low >= margin {
      (record.verdict, alpha, shown) = (.pass, passAlpha, held)
    } else if let lost = evidence.cases.map({ (case: $0, interval: $0.estimate.interval(level: 1 - 2 * failAlpha)) })
      .min(by: { $0.interval.high < $1.interval.high }), lost.interval.high < margin
    {
      (record.verdict, alpha, shown) = (.fail, failAlpha, lost)
    }
    guard let shown else { return record }
    record.ratio = shown.case.estimate.ratio
    (record.low, record.high, record.level) = (shown.interval.low, shown.interval.high, 1 - 2 * alpha)
    record.blocks = shown.case.blocks
    if record.verdict == .inconclusive {
      let least = BlockPlanning.blocks(
        distance: shown.case.estimate.mean - log(margin), spread: shown.case.spread, alpha: alpha)
      record.blocksToDecide = least.map { max($0, shown.case.blocks + 1) }
    }
    return record
  }

  // MARK: Claims that something runs

  private static func runs(_ claim: Claim, _ result: RunResult) -> ClaimRecord {
    let paths = [claim.path, claim.reference]
    let legs = paths.map { path in
      result.legs.filter { $0.path == path && claim.workload.covers($0.workload) }
    }
    var record = claim.record(reason: nil)
    if let failed = legs.joined().first(where: { $0.status == .failed }) {
      record.verdict = .fail
      record.reason = "\(failed.path), block \(failed.block): \(failed.reason ?? "")"
    } else if let index = legs.firstIndex(where: { list in !list.contains { $0.status == .ok } }) {
      record.reason = legs[index].first?.reason ?? "it was not measured on \(paths[index])"
    } else {
      record.verdict = .pass
    }
    let ended = legs.joined().filter { $0.status != .skipped }
    let share = Double(ended.count { $0.status == .ok }) / Double(max(1, ended.count))
    if record.verdict != .inconclusive, share > 0 { (record.ratio, record.low, record.high) = (share, share, share) }
    return record
  }
}

extension ClaimJudge {
  /// Whether a declared extension is to be run after the first look: a blocking claim has figures that cannot decide it.
  public static func needsExtension(_ claims: [Claim], _ result: RunResult) -> Bool {
    decide(claims, result).contains {
      $0.requirement == .blocker && $0.verdict == .inconclusive && $0.ratio != nil
    }
  }
}
