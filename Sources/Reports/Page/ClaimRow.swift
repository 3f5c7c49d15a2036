import Results

/// A claim as the templates show it.
struct ClaimRow {
  let id: String
  let text: String
  let source: String
  let subject: String
  let path: String
  let margin: String
  let figures: String
  /// One of `pass`, `fail`, `inconclusive`; also the name of a style.
  let verdict: String
  /// What the verdict means for the whole; empty where the claim does not say.
  let requirement: String
  let explanation: String
  let hasExplanation: Bool
  /// How noisy the ratio is on the host; empty where no calibration tells.
  let noise: String
  let hasNoise: Bool

  init(_ claim: ClaimRecord, noise: String = "") {
    id = claim.id
    text = claim.text
    source = claim.source
    subject = "\(claim.metric) of \(claim.workload)"
    let isToMetal = claim.test == .count || claim.reference ?? .native == .native && claim.referenceParameters == nil
    path = claim.path.description + (isToMetal ? "" : " over \(claim.referenceText)")
    margin =
      switch claim.test {
      case .runs: "runs"
      case .count: "at most \(Figure.short(claim.margin))"
      case .nonInferiority, .superiority, nil: Figure.ratio(claim.margin)
      }
    figures = Self.figures(claim)
    let isUnsupported = claim.verdict == .pass && !Wording.isSupported(claim)
    verdict = isUnsupported ? ClaimVerdict.inconclusive.rawValue : claim.verdict.rawValue
    requirement = claim.requirement?.rawValue ?? ""
    explanation = isUnsupported ? "the recorded interval does not support the recorded verdict" : Self.remark(claim)
    hasExplanation = !explanation.isEmpty
    self.noise = noise
    hasNoise = !noise.isEmpty
  }

  static func figures(_ claim: ClaimRecord) -> String {
    guard let ratio = claim.ratio else { return "not measured" }
    if claim.test == .runs { return "\(Figure.percent(ratio)) of its legs ran" }
    if claim.test == .count { return Figure.count(ratio, low: claim.low, high: claim.high) }
    return Figure.ratio(ratio, low: claim.low, high: claim.high)
  }

  /// Why there is no decision, or what it would take.
  private static func remark(_ claim: ClaimRecord) -> String {
    if let reason = claim.reason { return reason }
    guard claim.verdict == .inconclusive else { return "" }
    guard let blocks = claim.blocksToDecide else { return "" }
    return "about \(blocks) blocks in all would probably decide it; \(claim.blocks ?? 0) were measured"
  }
}
