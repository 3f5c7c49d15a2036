/// A plot with its caption and, where no other table of the page holds its figures, a table of its own.
struct PlotView {
  let caption: String
  /// SVG, already escaped.
  let svg: String
  let hasTable: Bool
  let head: [String]
  let rows: [PlotRow]
  let hasNotes: Bool
  let notes: [String]
  /// What a table that is folded away is called; empty where it stands open.
  let tableTitle: String
  let isFolded: Bool

  init(
    caption: String, svg: String, head: [String] = [], rows: [PlotRow] = [], notes: [String] = [],
    foldedTable: String = ""
  ) {
    tableTitle = foldedTable
    isFolded = !foldedTable.isEmpty
    self.caption = caption
    self.svg = svg
    self.head = head
    self.rows = rows
    self.notes = notes
    hasTable = !rows.isEmpty
    hasNotes = !notes.isEmpty
  }

  /// The order of a whole run.
  init(_ order: RunOrderPlot) {
    self.init(caption: "", svg: order.svg(id: "order", title: "The whole run", wide: true))
  }

  init(_ latency: LatencyPlot, id: String, title: String) {
    let rows = latency.curves.map { curve in
      PlotRow(
        swatch: curve.path.mark.swatch, name: curve.path.short,
        cells: LatencyPlot.columns.map { column in
          curve.middle.indices.contains(column.1) ? Figure.duration(curve.middle[column.1]) : "–"
        })
    }
    self.init(
      caption: "\(latency.name) by percentile: median over the blocks, band from the least to the greatest",
      svg: latency.svg(id: id, title: title), head: ["mode"] + LatencyPlot.columns.map(\.0), rows: rows,
      notes: ["A dash: fewer than ten samples lie beyond the percentile."])
  }
}

/// A row of a plot's table.
struct PlotRow {
  /// SVG, already escaped; empty where the row needs none.
  let swatch: String
  let name: String
  let cells: [String]
}
