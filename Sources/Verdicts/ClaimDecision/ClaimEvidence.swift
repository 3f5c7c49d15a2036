import Glibc
import Results
import Statistics

/// What a run says about one claim before other claims are looked at.
struct ClaimEvidence {
  /// The ratio of one set of parameters that the claim leaves free.
  struct Case {
    let estimate: RatioEstimate
    /// Logarithms of the blocks.
    let sample: Sample

    var blocks: Int { sample.count }
  }

  let claim: Claim
  /// One-sided error of its decision, before Holm; nil where the run decides nothing yet.
  let alpha: Double?
  /// Empty where nothing can be decided.
  let cases: [Case]
  /// Why it cannot be decided; nil where it can.
  let reason: String?
  /// Workloads that the claim speaks of, as they were measured, and those that they are held against.
  let subjects: Set<Workload>
  /// The one of them that was measured in the fewest blocks, which says when it was decided.
  let workload: Workload

  /// P-value of "the claim does not hold": all its cases must hold, so the weakest speaks.
  var passProbability: Double { cases.map { $0.estimate.probability(below: claim.margin) }.max() ?? 1 }

  /// P-value of "the claim holds": one case that does not is enough, so the strongest speaks, corrected for their number.
  var failProbability: Double {
    let least = cases.map { $0.estimate.probability(atLeast: claim.margin) }.min() ?? 1
    return min(1, least * Double(cases.count))
  }

  init(_ claim: Claim, _ result: RunResult, _ series: [Series], _ errors: ErrorTable) {
    self.claim = claim
    // Variants that the claim leaves free include the reference, which is not held against itself.
    let mine = series.filter { claim.speaks(of: $0) && claim.referenceKey(of: $0) != $0.key }
    let others = mine.compactMap { Self.counterpart(of: $0, claim, in: series)?.key.subject.workload }
    subjects = Set(mine.map(\.key.subject.workload) + others)
    workload = subjects.min { result.run.blocks(of: $0) < result.run.blocks(of: $1) } ?? claim.workload
    alpha = errors.error(level: claim.level, divisor: 1, workload)
    guard !mine.isEmpty else {
      (cases, reason) = ([], Self.absence(claim, result, claim.path))
      return
    }
    guard let alpha else {
      let blocks = result.run.blocks
      (cases, reason) = ([], "a look after \(blocks) block\(blocks == 1 ? "" : "s") is too early to decide")
      return
    }
    let need = BlockPlanning.minimumPaired(alpha: 2 * alpha)
    var cases: [Case] = []
    for one in mine {
      guard let other = Self.counterpart(of: one, claim, in: series) else {
        let why = Self.absence(claim, result, claim.reference, claim.referenceParameters)
        (self.cases, reason) = ([], "there is no \(claim.reference) figure to hold it against: \(why)")
        return
      }
      let ratio = one.pairedRatio(over: other)
      guard let ratio, ratio.blocks >= need, let estimate = RatioEstimate(ratio) else {
        let error = StatisticsError.tooFewBlocks(have: ratio?.blocks ?? 0, need: need, level: 1 - 2 * alpha)
        (self.cases, reason) = ([], error.description)
        return
      }
      cases.append(Case(estimate: estimate, sample: ratio.sample))
    }
    (self.cases, reason) = (cases, nil)
  }

  /// The same work on another path: with the same parameters, or, for an emulated device, without those that only a virtio one
  /// has.
  private static func counterpart(of one: Series, _ claim: Claim, in series: [Series]) -> Series? {
    let key = claim.referenceKey(of: one)
    if let same = series.first(where: { $0.key == key }) { return same }
    let (subject, path) = (key.subject, key.path)
    guard path.mode == .emulated else { return nil }
    let plain = subject.workload.parameters.filter { !virtioParameters.contains($0.key) }
    let other = Series.Subject(
      workload: Workload(subject.workload.id, plain), metric: subject.metric, unit: subject.unit,
      direction: subject.direction)
    return series.first { $0.key == Series.Key(other, path) }
  }

  private static let virtioParameters: Set<String> = ["transport", "ring"]

  /// Why there is no figure on a path.
  static func absence(
    _ claim: Claim, _ result: RunResult, _ path: Path, _ others: [String: ParameterValue] = [:]
  ) -> String {
    let workload = claim.workload.with(others)
    let legs = result.legs.filter { $0.path == path && workload.covers($0.workload) }
    if let leg = legs.first(where: { $0.status != .ok }) {
      return "\(leg.status.rawValue): \(leg.reason ?? "")"
    }
    return legs.isEmpty
      ? "\(workload) was not measured on \(path)" : "\(claim.workload.id) has no metric \(claim.metric)"
  }
}

extension Claim {
  /// Whether a series is one that the claim is about.
  func speaks(of series: Series) -> Bool {
    let key = series.key
    return key.subject.metric == metric && key.path == path && workload.covers(key.subject.workload)
  }

  /// What a series is held against.
  func referenceKey(of series: Series) -> Series.Key {
    Series.Key(series.key.subject, reference).with(referenceParameters)
  }

  /// Whether a leg is one that the claim is about.
  func speaks(of leg: LegRecord) -> Bool { leg.path == path && workload.covers(leg.workload) }
}
