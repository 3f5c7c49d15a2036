import History
import Results
import Verdicts

/// What the template of `report.html` shows: texts that are ready, and lists that may be empty. The names are those in the
/// template; none is nil, since a template would then look for the same name further out.
struct ReportView {
  let title: String
  let headline: String
  /// What the verdict rests on; empty where the headline says all.
  let why: String
  let hasWhy: Bool
  /// How far each mode came; empty where that is the headline.
  let reached: String
  let hasReached: Bool
  let about: String
  /// What no figure may be read without.
  let urgent: [String]
  let hasUrgent: Bool
  /// The other things to know.
  let warnings: [String]
  let hasWarnings: Bool
  let warningCount: String
  let level: String
  let claims: [ClaimRow]
  let hasClaims: Bool
  let audit: AuditView
  let calibrationSummary: String
  let rates: [CalibrationView.Row]
  let hasRates: Bool
  /// SVG, already escaped.
  let grids: String
  let scale: String
  let forest: [ForestGroup]
  /// Whether processor times are known.
  let hasCPU: Bool
  let hasForest: Bool
  let hasMargins: Bool
  let workloads: [WorkloadView]
  let hasWorkloads: Bool
  let order: [PlotView]
  let hasOrder: Bool
  let queues: [PlotView]
  let hasQueues: Bool
  let exits: [ExitRow]
  let hasExits: Bool
  let boots: [SummaryRow]
  let hasBoots: Bool
  let remarks: [RemarkRow]
  let hasRemarks: Bool
  let legCount: String
  let sections: [FactSection]
  let missing: [MissingRow]
  let hasMissing: Bool
  let history: [PlotView]
  let hasHistory: Bool
  let command: String
  let seed: String

  init(_ result: RunResult, history: [HistorySeries]) {
    let all = WorkloadSeries.all(result)
    let lookup = ClaimLookup(result)
    title = "NearMetal: \(result.run.suite), \(result.run.startedAt)"
    headline = Wording.headline(result)
    why = Wording.why(result.claims)
    hasWhy = !why.isEmpty
    reached = result.claims.isEmpty ? "" : Wording.reached(result)
    hasReached = !reached.isEmpty
    about = Self.about(result)
    urgent = Wording.urgentWarnings(result)
    hasUrgent = !urgent.isEmpty
    warnings = Array(Wording.warnings(result).dropFirst(urgent.count))
    hasWarnings = !warnings.isEmpty
    warningCount = warnings.count == 1 ? "One thing" : "\(warnings.count) things"
    level = Figure.percent(result.run.level)
    claims = result.claims.map { claim in
      let ratio = result.comparisons.first { claim.speaks(of: $0) }
      return ClaimRow(claim, noise: ratio.map { lookup.noise(of: $0) } ?? "")
    }
    audit = AuditView(result.audit)
    let calibration = CalibrationView(result.calibration)
    (calibrationSummary, rates, hasRates) = (calibration.summary, calibration.rates, calibration.hasRates)
    hasClaims = !claims.isEmpty

    let toMetal = result.comparisons.filter { $0.reference == .native }
    let overview = ForestTrack(covering: all.flatMap(\.primaryRatios), grid: "g")
    let detail = ForestTrack(covering: toMetal, grid: "h")
    grids = overview.grid() + detail.grid()
    scale = overview.scale()
    forest = ForestGroup.all(all, overview, lookup)
    hasForest = !forest.isEmpty
    hasCPU = forest.contains { $0.rows.contains { !$0.cpu.isEmpty } }
    hasMargins = toMetal.contains { lookup($0) != nil }
    let groups = LegGroup.all(result.legs)
    let groupsByWorkload = Dictionary(grouping: groups, by: \.key.workload)
    let counted = Dictionary(grouping: result.counted ?? [], by: \.workload)
    let attribution = Dictionary(grouping: Attribution.explain(result), by: \.workload)
    workloads = all.enumerated().map { index, series in
      WorkloadView(
        series, index: index, isOpen: all.count <= 2, track: detail, claims: lookup,
        groups: groupsByWorkload[series.workload] ?? [], counted: counted[series.workload] ?? [],
        attribution: attribution[series.workload] ?? [])
    }
    hasWorkloads = !workloads.isEmpty
    order = RunOrderPlot(all).map { [PlotView($0)] } ?? []
    hasOrder = !order.isEmpty
    queues = QueuesPlot.all(all).enumerated().map { PlotView($0.element, id: "queues-\($0.offset + 1)") }
    hasQueues = !queues.isEmpty
    exits = ExitRow.all(result)
    hasExits = !exits.isEmpty
    boots = result.summaries.filter { SummaryRow.isBoot($0.workload) }.map(SummaryRow.init)
    hasBoots = !boots.isEmpty
    remarks = groups.flatMap(RemarkRow.all)
    hasRemarks = !remarks.isEmpty
    legCount = String(result.legs.count)
    // What a calibration found stands beside the verdicts.
    sections = FactSection.all(HostFacts.all(result).filter { $0.section != "calibration" })
    missing = result.host.missing.map { MissingRow(what: $0.what, why: $0.why, remedy: $0.remedy) }
    hasMissing = !missing.isEmpty
    self.history = HistoryView.plots(history)
    hasHistory = !self.history.isEmpty
    command = ShellText.command(result.run.command)
    seed = result.run.seed.description
  }

  struct MissingRow {
    let what: String
    let why: String
    let remedy: String
  }

  /// What was measured where, in a line.
  private static func about(_ result: RunResult) -> String {
    let model = result.host.cpu["cpu.model"].map { " on \($0)" } ?? ""
    let kernel = result.host.kernel["kernel.release"].map { ", Linux \($0)" } ?? ""
    let blocks = result.run.blocks == 1 ? "1 block" : "\(result.run.blocks) blocks"
    return "Suite \(result.run.suite)\(model), KVM backend \(result.host.kvm.backend.rawValue)\(kernel): "
      + "\(result.legs.count) legs in \(blocks), begun \(result.run.startedAt)."
  }
}
