import Results

/// What the template of a comparison shows.
struct ComparisonView {
  struct Row {
    /// `A: out`.
    let run: String
    let track: String
    let ratio: String
    let value: String
    let change: String
    let blocks: String
    /// Why there is no figure; empty where there is one.
    let reason: String
    let isAbsent: Bool
  }

  struct Group {
    let name: String
    let parameters: String
    let subject: String
    /// SVG, already escaped.
    let swatch: String
    let path: String
    let rows: [Row]
  }

  struct Field {
    let section: String
    let name: String
    let style: String
    let meaning: String
    let values: [String]
  }

  let title: String
  let headline: String
  let runs: [String]
  let letters: [String]
  let hasFields: Bool
  let fields: [Field]
  /// SVG, already escaped.
  let grids: String
  let scale: String
  let hasGroups: Bool
  let groups: [Group]
  let hasMore: Bool
  let more: [Group]
  let first: String

  init(_ comparison: RunComparison) {
    title = "NearMetal: \(comparison.runs.count) runs side by side"
    headline = ComparisonWording.headline(comparison)
    runs = comparison.runs.map(ComparisonWording.line)
    letters = comparison.runs.map(\.letter)
    first = letters.first ?? ""
    fields = comparison.fields.map { field in
      Field(
        section: field.section, name: field.name, style: field.meaning == .incomparable ? "differs" : "same",
        meaning: ComparisonWording.text(field.meaning), values: field.values.map { $0 ?? "–" })
    }
    hasFields = !fields.isEmpty
    let track = ForestTrack(
      covering: comparison.series.flatMap(\.figures).compactMap { $0 }.flatMap {
        [$0.ratio, $0.low, $0.high].compactMap { $0 }
      }, grid: "g")
    grids = track.grid()
    scale = track.scale()
    groups = comparison.series.filter(\.isHeadline).map { Self.group($0, comparison.runs, track) }
    hasGroups = !groups.isEmpty
    more = comparison.series.filter { !$0.isHeadline }.map { Self.group($0, comparison.runs, track) }
    hasMore = !more.isEmpty
  }

  private static func group(_ series: ComparedSeries, _ runs: [ComparedRun], _ track: ForestTrack) -> Group {
    let path = series.path
    let rows = zip(runs, series.figures).map { run, figure in
      let reason = figure == nil ? series.absent[run.letter] ?? "not measured" : ""
      return Row(
        run: run.letter,
        track: figure?.ratio.map { track.track($0, low: figure?.low, high: figure?.high, path) } ?? "",
        ratio: ComparisonWording.ratio(figure), value: ComparisonWording.value(figure),
        change: ComparisonWording.change(figure), blocks: figure.map { String($0.blocks) } ?? "", reason: reason,
        isAbsent: figure == nil)
    }
    return Group(
      name: series.workload.id, parameters: series.workload.parameterText,
      subject: "\(series.metric), \(series.unit)", swatch: path.mark.swatch, path: path.description, rows: rows)
  }
}
