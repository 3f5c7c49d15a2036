import Results

/// A claim as the templates show it.
struct ClaimRow {
  let text: String
  let source: String
  let subject: String
  let place: String
  let margin: String
  let figures: String
  /// One of `pass`, `fail`, `inconclusive`; also the name of a style.
  let verdict: String
  let explanation: String
  let hasExplanation: Bool

  init(_ claim: ClaimRecord) {
    text = claim.text
    source = claim.source
    subject = "\(claim.metric) of \(WorkloadName.text(claim.workload, claim.parameters))"
    place = "\(claim.machine.rawValue) \(claim.mode.rawValue)"
    margin = Figure.ratio(claim.margin)
    figures = claim.ratio.map { Figure.ratio($0, low: claim.low, high: claim.high) } ?? "not measured"
    let isUnsupported = claim.verdict == .pass && !Wording.isSupported(claim)
    verdict = isUnsupported ? ClaimVerdict.inconclusive.rawValue : claim.verdict.rawValue
    explanation = isUnsupported ? "the recorded interval does not support the recorded verdict" : claim.reason ?? ""
    hasExplanation = !explanation.isEmpty
  }
}
