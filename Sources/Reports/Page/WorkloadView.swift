import Results
import Verdicts

/// Everything about one workload, as the template shows it in a section that folds.
struct WorkloadView {
  let id: String
  let name: String
  let parameters: String
  /// The primary metric's ratios in a few words: what a reader sees while the section is folded.
  let digest: String
  let isOpen: Bool
  let hasRatios: Bool
  let ratios: [RatioRow]
  let hasPeers: Bool
  let peers: [RatioRow]
  /// What variants are held against.
  let reference: String
  let hasVariants: Bool
  let variants: [RatioRow]
  let hasSummaries: Bool
  let summaries: [SummaryRow]
  let hasFigures: Bool
  let figures: [PlotView]
  let hasBlocks: Bool
  let blockTable: BlockTable
  let hasCounters: Bool
  let counterTable: CounterTable
  let hasRemarks: Bool
  let remarks: [RemarkRow]

  init(
    _ series: WorkloadSeries, index: Int, isOpen: Bool, track: ForestTrack?, claims: ClaimLookup, groups: [LegGroup],
    counted: [CountedRecord],
    attribution: [AttributionRecord]
  ) {
    id = "w\(index + 1)"
    name = series.workload.id
    parameters = series.workload.parameterText
    self.isOpen = isOpen
    digest = Self.digest(series)
    let toMetal = series.ordered.filter { $0.reference == .native }
    ratios = RatioRow.all(toMetal, track: track, claims: claims)
    hasRatios = !ratios.isEmpty
    peers = RatioRow.all(series.ordered.filter { $0.reference != .native }, track: nil, claims: claims)
    hasPeers = !peers.isEmpty
    reference = series.variants.first.map { VariantWording.text($0.against) } ?? ""
    variants = series.variants.map { RatioRow($0.comparison, claim: nil) }
    hasVariants = !variants.isEmpty
    summaries = series.summaries.map(SummaryRow.init)
    hasSummaries = !summaries.isEmpty
    let (name, title) = (id, series.title)
    figures =
      Self.plots(series, id: id)
      + attribution.enumerated().map { index, record in
        AttributionView.plot(record, id: "\(name)-parts-\(index + 1)", title: title)
      }
    hasFigures = !figures.isEmpty
    blockTable = BlockTable(series)
    hasBlocks = !blockTable.rows.isEmpty
    counterTable = CounterTable(series, counted: counted)
    hasCounters = !counterTable.rows.isEmpty
    remarks = groups.flatMap(RemarkRow.all)
    hasRemarks = !remarks.isEmpty
  }

  private static func digest(_ series: WorkloadSeries) -> String {
    let ratios = series.primaryRatios.map { comparison in
      return "\(comparison.path.short) \(Figure.ratio(comparison.ratio))"
    }
    if !ratios.isEmpty { return "\(series.primary?.name ?? ""): \(ratios.joined(separator: " · "))" }
    let values = series.summaries.filter { $0.metric == series.primary?.name }.map { summary in
      return "\(summary.path.short) \(Figure.value(summary.mean)) \(summary.unit)"
    }
    return values.isEmpty ? "no figures" : "\(series.primary?.name ?? ""): \(values.joined(separator: " · "))"
  }

  private static func plots(_ series: WorkloadSeries, id: String) -> [PlotView] {
    var plots: [PlotView] = []
    if let latency = LatencyPlot(series) { plots.append(PlotView(latency, id: "\(id)-latency", title: series.title)) }
    if let paired = PairedBlocksPlot(series) {
      plots.append(
        PlotView(
          caption:
            "Ratio of \(series.primary?.name ?? "") to bare metal in every block, with the estimate and its interval",
          svg: paired.svg(id: "\(id)-blocks", title: series.title)))
    }
    if let turns = TurnsPlot(series) {
      plots.append(
        PlotView(
          caption: "Turns in their order, block by block: \(turns.name), difference from the mode's own middle",
          svg: turns.svg(id: "\(id)-turns", title: series.title), notes: turns.remarks))
    }
    if let order = RunOrderPlot([series]) {
      plots.append(
        PlotView(
          caption: "Legs in the order of the run: \(series.primary?.name ?? ""), difference from the mode's own mean",
          svg: order.svg(id: "\(id)-order", title: series.title)))
    }
    if let exits = ExitBars(series) { plots.append(exits.plot(id: "\(id)-exits", title: series.title)) }
    return plots
  }
}
