import Results

/// What the templates show: texts that are ready, and lists that may be empty. The names are those in the templates; none
/// is nil, since a template would then look for the same name further out.
struct ReportView {
  let title: String
  let headline: String
  let warnings: [String]
  let hasWarnings: Bool
  let level: String
  let hasClaims: Bool
  let claims: [ClaimRow]
  let hasPlot: Bool
  /// SVG, already escaped.
  let plot: String
  let hasRatios: Bool
  let ratios: [RatioRow]
  let hasPeers: Bool
  let peers: [RatioRow]
  let hasExits: Bool
  let exits: [ExitRow]
  let hasBoots: Bool
  let boots: [SummaryRow]
  let hasOthers: Bool
  let others: [SummaryRow]
  let hasRemarks: Bool
  let remarks: [RemarkRow]
  let legCount: String
  let sections: [FactSection]
  let hasMissing: Bool
  let missing: [MissingRow]
  let command: String
  let seed: String

  init(_ result: RunResult) {
    let toMetal = result.comparisons.filter { $0.reference == .native }
    title = "NearMetal: \(result.run.suite), \(result.run.startedAt)"
    headline = Verdicts.headline(result)
    warnings = Verdicts.warnings(result)
    hasWarnings = !warnings.isEmpty
    level = Figure.percent(result.run.level)
    claims = result.claims.map(ClaimRow.init)
    hasClaims = !claims.isEmpty
    plot = toMetal.isEmpty ? "" : ForestPlot(toMetal).svg()
    hasPlot = !toMetal.isEmpty
    ratios = toMetal.map { RatioRow($0, claim: Verdicts.strictestClaim(on: $0, in: result)) }
    hasRatios = !ratios.isEmpty
    peers = result.comparisons.filter { $0.reference != .native }.map { RatioRow($0, claim: nil) }
    hasPeers = !peers.isEmpty
    exits = ExitRow.all(result)
    hasExits = !exits.isEmpty
    boots = result.summaries.filter { SummaryRow.isBoot($0.workload) }.map(SummaryRow.init)
    hasBoots = !boots.isEmpty
    others = result.summaries.filter { !SummaryRow.isBoot($0.workload) && !ExitRow.isExit($0.workload) }
      .map(SummaryRow.init)
    hasOthers = !others.isEmpty
    remarks = LegGroup.all(result.legs).flatMap(RemarkRow.all)
    hasRemarks = !remarks.isEmpty
    legCount = String(result.legs.count)
    sections = FactSection.all(HostFacts.all(result))
    missing = result.host.missing.map { MissingRow(what: $0.what, why: $0.why, remedy: $0.remedy) }
    hasMissing = !missing.isEmpty
    command = ShellText.command(result.run.command)
    seed = result.run.seed.description
  }

  struct MissingRow {
    let what: String
    let why: String
    let remedy: String
  }
}
