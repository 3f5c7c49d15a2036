import Results

/// What the template of `summary.md` shows. None of it is nil, since a template would then look for the same name further out.
struct MarkdownView {
  let title: String
  let headline: String
  let warnings: [String]
  let hasWarnings: Bool
  let level: String
  let claims: [ClaimRow]
  let hasClaims: Bool
  let ratios: [RatioRow]
  let hasRatios: Bool
  let peers: [RatioRow]
  let hasPeers: Bool
  /// What variants are held against.
  let reference: String
  let variants: [RatioRow]
  let hasVariants: Bool
  let exits: [ExitRow]
  let hasExits: Bool
  let boots: [SummaryRow]
  let hasBoots: Bool
  let others: [SummaryRow]
  let hasOthers: Bool
  let remarks: [RemarkRow]
  let hasRemarks: Bool
  let command: String
  let seed: String

  init(_ result: RunResult) {
    let lookup = ClaimLookup(result)
    title = "NearMetal: \(result.run.suite), \(result.run.startedAt)"
    headline = Wording.headline(result)
    warnings = Wording.warnings(result)
    hasWarnings = !warnings.isEmpty
    level = Figure.percent(result.run.level)
    claims = result.claims.map { ClaimRow($0) }
    hasClaims = !claims.isEmpty
    ratios = result.comparisons.filter { $0.reference == .native }.map { RatioRow($0, claim: lookup($0)) }
    hasRatios = !ratios.isEmpty
    peers = result.comparisons.filter { $0.reference != .native }.map { RatioRow($0, claim: nil) }
    hasPeers = !peers.isEmpty
    reference = VariantWording.reference(result)
    variants = WorkloadSeries.all(result).flatMap(\.primaryVariants).map { RatioRow($0, claim: nil) }
    hasVariants = !variants.isEmpty
    exits = ExitRow.all(result)
    hasExits = !exits.isEmpty
    boots = result.summaries.filter { SummaryRow.isBoot($0.workload) }.map(SummaryRow.init)
    hasBoots = !boots.isEmpty
    others = result.summaries.filter { !SummaryRow.isBoot($0.workload) && !ExitRow.isExit($0.workload) }
      .map(SummaryRow.init)
    hasOthers = !others.isEmpty
    remarks = LegGroup.all(result.legs).flatMap(RemarkRow.all)
    hasRemarks = !remarks.isEmpty
    command = ShellText.command(result.run.command)
    seed = result.run.seed.description
  }
}

/// `summary.md`: verdicts, ratios and what is missing, for a pull request or a CI job's page.
enum MarkdownReport {
  static func render(_ result: RunResult) throws(ReportError) -> String {
    try Template.render("summary.md.mustache", MarkdownView(result))
  }
}
