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
    decide(claims, result, ErrorTable(result.run)).map(\.record)
  }

  /// A claim with what it was decided from; nil for one that something runs, and for one about a count.
  typealias Decision = (record: ClaimRecord, evidence: ClaimEvidence?)

  static func decide(_ claims: [Claim], _ result: RunResult, _ errors: ErrorTable) -> [Decision] {
    let series = Series.all(in: result.legs)
    let evidence = claims.map { claim in claim.test.isOfRatio ? ClaimEvidence(claim, result, series, errors) : nil }
    let open = evidence.compactMap(\.self).filter { $0.reason == nil && $0.claim.requirement == .blocker }
    // Claims may differ in their level: each p-value is taken in units of its own error.
    func divisors(_ probability: (ClaimEvidence) -> Double) -> [String: Int] {
      let divisors = Holm.divisors(open.map { probability($0) / ($0.alpha ?? 1) }) { index, divisor in
        let one = open[index]
        guard let error = errors.error(level: one.claim.level, divisor: divisor, one.workload) else { return false }
        return probability(one) <= error
      }
      return Dictionary(zip(open.map(\.claim.id), divisors)) { first, _ in first }
    }
    let passing = divisors(\.passProbability)
    let failing = divisors(\.failProbability)
    return claims.indices.map { index in
      guard let evidence = evidence[index] else {
        let claim = claims[index]
        return (claim.test == .runs ? runs(claim, result) : CountClaim.decide(claim, result, series), nil)
      }
      let id = evidence.claim.id
      return (decide(evidence, errors, passing: passing[id] ?? 1, failing: failing[id] ?? 1), evidence)
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
  private static func decide(
    _ evidence: ClaimEvidence, _ errors: ErrorTable, passing: Int, failing: Int
  ) -> ClaimRecord {
    var record = evidence.claim.record(reason: evidence.reason)
    guard evidence.reason == nil else { return record }
    let margin = evidence.claim.margin
    func error(_ divisor: Int) -> Double? {
      errors.error(level: evidence.claim.level, divisor: divisor, evidence.workload)
    }
    guard let passAlpha = error(passing), let failAlpha = error(failing * evidence.cases.count) else {
      record.reason = "so early a look cannot decide it beside the others"
      return record
    }
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
        distance: shown.case.estimate.mean - log(margin), spread: shown.case.sample.standardDeviation, alpha: alpha)
      record.blocksToDecide = least.map { max($0, shown.case.blocks + 1) }
    }
    return record
  }

  // MARK: Claims that something runs

  private static func runs(_ claim: Claim, _ result: RunResult) -> ClaimRecord {
    let paths = [claim.path, claim.reference]
    let workloads = [claim.workload, claim.workload.with(claim.referenceParameters)]
    let legs = zip(paths, workloads).map { path, workload in
      result.legs.filter { $0.path == path && workload.covers($0.workload) }
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

  /// What a look at a run says of the claims that it can decide.
  public struct Progress: Sendable, Equatable {
    /// Claims of which the run can have figures.
    public var claims = 0
    public var decided = 0
    /// Workloads of claims that are open and may still be decided.
    public var open: Set<Workload> = []
    /// Workloads of claims that are open, and would hardly be decided with all the blocks.
    public var hopeless: Set<Workload> = []
  }

  /// How far a run that goes on until all is decided has come, at a look that its record names.
  ///
  /// A claim is given up where the blocks to come would hardly decide it (`Futility`), and where the estimate lies within 1 % of
  /// the margin after half of them: what is as close as that is answered by the figure.
  /// - Parameters:
  ///   - claims: that the run is to decide.
  ///   - result: of the blocks so far; one whose record declares no looks has decided nothing.
  ///   - most: blocks that there may be in all, as the time is.
  public static func progress(_ claims: [Claim], _ result: RunResult, most: Int) -> Progress {
    var progress = Progress()
    guard let sequential = result.run.sequential, let spending = ErrorSpending(rawValue: sequential.spending) else {
      return progress
    }
    let futility = Futility()
    for (record, evidence) in decide(claims, result, ErrorTable(result.run)) {
      guard let evidence, !evidence.subjects.isEmpty else { continue }
      progress.claims += 1
      if record.verdict != .inconclusive {
        progress.decided += 1
        continue
      }
      let margin = log(evidence.claim.margin)
      let taken = sequential.looks.map { (blocks: $0.blocks, share: $0.share) }
      let design = SequentialDesign(
        taken: taken + (most > taken.last?.blocks ?? 0 ? [(blocks: most, share: 1)] : []),
        alpha: 1 - evidence.claim.level, spending: spending)
      let isHopeless = evidence.cases.contains { one in
        if one.blocks * 2 >= most, abs(one.sample.mean - margin) < closeness { return true }
        return futility.isHopeless(one.sample, bound: margin, design)
      }
      if isHopeless {
        progress.hopeless.formUnion(evidence.subjects)
      } else {
        progress.open.formUnion(evidence.subjects)
      }
    }
    return progress
  }

  /// Workloads that claims speak of, and those that they are held against.
  public static func subjects(_ claims: [Claim], _ result: RunResult) -> Set<Workload> {
    decide(claims, result, ErrorTable(result.run)).reduce(into: []) { $0.formUnion($1.evidence?.subjects ?? []) }
  }

  /// A distance from the margin, of logarithms, that the figure itself answers: 1 %.
  private static let closeness = 0.01
}
