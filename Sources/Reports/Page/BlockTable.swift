import Results

/// The primary metric of every block and path: the table beside the plots of blocks and of the run's order.
struct BlockTable {
  let title: String
  let head: [String]
  let rows: [PlotRow]

  init(_ series: WorkloadSeries) {
    guard let metric = series.primary else {
      (title, head, rows) = ("", [], [])
      return
    }
    title = "\(metric.name), \(metric.unit)"
    let columns = series.lines.map { line in
      Dictionary(line.points(of: metric.name).map { ($0.leg.block, $0.value) }, uniquingKeysWith: { $1 })
    }
    head = ["block"] + series.lines.map(\.path.short)
    let blocks = Set(columns.flatMap(\.keys)).sorted()
    rows = blocks.map { block in
      PlotRow(swatch: "", name: String(block), cells: columns.map { $0[block].map(Figure.value) ?? "–" })
    }
  }
}
