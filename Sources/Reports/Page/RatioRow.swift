import Results

/// A comparison as the templates show it.
struct RatioRow {
  let workload: String
  let metric: String
  /// Whether the row above is of the same metric, so that its name need not stand again.
  let isRepeated: Bool
  let path: String
  let short: String
  /// SVG, already escaped.
  let swatch: String
  let track: String
  let figures: String
  let figure: String
  let referenceFigure: String
  let unit: String
  let blocks: String
  /// `pass`, `fail`, `inconclusive`, or `none` where no claim speaks of it; also the name of a style.
  let verdict: String
  let verdictText: String
  let flags: String
  let hasFlags: Bool
  let notes: [String]
  /// How noisy the metric is on the host; empty where no calibration tells.
  let noise: String
  let hasNoise: Bool
  /// Processor time of an operation over bare metal's, as in `×2.07`; empty where that was not measured.
  let cpu: String

  init(
    _ comparison: ComparisonRecord, claim: ClaimRecord?, track: ForestTrack? = nil, isRepeated: Bool = false,
    noise: String = "", cpu: String = ""
  ) {
    workload = comparison.workload.description
    metric = comparison.metric
    self.isRepeated = isRepeated
    path = comparison.path.description
    short = comparison.path.short
    swatch = comparison.path.mark.swatch
    self.track = track?.track(comparison, margin: claim?.margin) ?? ""
    figures = Figure.ratio(comparison.ratio, low: comparison.low, high: comparison.high)
    figure = Figure.value(comparison.value)
    referenceFigure = Figure.value(comparison.referenceValue)
    unit = comparison.unit
    blocks = String(comparison.blocks)
    let row = claim.map { ClaimRow($0) }
    verdict = row?.verdict ?? "none"
    verdictText = row.map { "\($0.verdict) at \($0.margin)" } ?? ""
    flags = comparison.flags.map(\.rawValue).joined(separator: ", ")
    hasFlags = !flags.isEmpty
    notes = comparison.notes
    self.noise = noise
    hasNoise = !noise.isEmpty
    self.cpu = cpu
  }

  /// Rows of comparisons that stand in the order of their metrics.
  static func all(_ comparisons: [ComparisonRecord], track: ForestTrack?, claims: ClaimLookup) -> [RatioRow] {
    var last = ""
    return comparisons.map { comparison in
      defer { last = comparison.metric }
      return RatioRow(
        comparison, claim: claims(comparison), track: track, isRepeated: comparison.metric == last,
        noise: claims.noise(of: comparison), cpu: claims.cpu(of: comparison))
    }
  }
}
