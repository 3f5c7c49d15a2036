import History
import Results

/// One workload and mode over the runs of a host.
enum HistoryView {
  /// Below this a series has no course to show.
  private static let fewest = 3

  static func plots(_ all: [HistorySeries]) -> [PlotView] {
    all.filter { $0.points.count >= fewest }.enumerated().map { index, series in plot(series, index) }
  }

  private static func plot(_ series: HistorySeries, _ index: Int) -> PlotView {
    let points = series.points.map { point in
      SeriesPlot.Point(label: String(point.startedAt.prefix(10)), value: point.value, low: point.low, high: point.high)
    }
    let changes = series.changes.filter { series.points.indices.contains($0.index) }
    let plot = SeriesPlot(points: points, changes: changes.map(\.index), mark: series.path.mark)
    let rows = series.points.map { point in
      PlotRow(
        swatch: "", name: point.startedAt,
        cells: [Figure.ratio(point.value, low: point.low, high: point.high), point.revision])
    }
    let notes = changes.map { change in
      "From \(series.points[change.index].startedAt) on \(Figure.ratio(change.after)) instead of "
        + "\(Figure.ratio(change.before)): between revisions \(change.previousRevision) and \(change.revision), "
        + "p = \(Figure.short(change.probability)). Advice where to look, no verdict."
    }
    return PlotView(
      caption:
        "\(series.workload), \(series.path.short): ratio of \(series.metric) to bare metal over \(points.count) runs",
      svg: plot.svg(id: "history-\(index + 1)", title: "\(series.workload), \(series.path)"),
      head: ["run", "ratio", "revision"],
      rows: rows, notes: notes, foldedTable: "The runs in figures")
  }
}
