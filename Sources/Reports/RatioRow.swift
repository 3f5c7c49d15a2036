import Results

/// A comparison as the templates show it.
struct RatioRow {
  let workload: String
  let metric: String
  let place: String
  let figures: String
  let figure: String
  let referenceFigure: String
  let unit: String
  let blocks: String
  /// `pass`, `fail`, `inconclusive`, or `none` where no claim speaks of it; also the name of a style.
  let verdict: String
  let verdictText: String
  let flags: String
  let notes: [String]

  init(_ comparison: ComparisonRecord, claim: ClaimRecord?) {
    workload = WorkloadName.text(comparison.workload, comparison.parameters)
    metric = comparison.metric
    place = "\(comparison.machine.rawValue) \(comparison.mode.rawValue)"
    figures = Figure.ratio(comparison.ratio, low: comparison.low, high: comparison.high)
    figure = Figure.value(comparison.value)
    referenceFigure = Figure.value(comparison.referenceValue)
    unit = comparison.unit
    blocks = String(comparison.blocks)
    let row = claim.map(ClaimRow.init)
    verdict = row?.verdict ?? "none"
    verdictText = row.map { "\($0.verdict) at \($0.margin)" } ?? ""
    flags = comparison.flags.map(\.rawValue).joined(separator: ", ")
    notes = comparison.notes
  }
}
