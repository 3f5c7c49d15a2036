import Results
import Verdicts

/// Where the time of one operation goes in one mode: a waterfall and the table that goes with it.
enum AttributionView {
  static func plot(_ record: AttributionRecord, id: String, title: String) -> PlotView {
    var steps = record.parts.enumerated().map { index, part in
      Waterfall.Step(name: part.name, amount: part.nanoseconds, kind: index == 0 ? "base" : "part")
    }
    steps.append(Waterfall.Step(name: "not explained", amount: record.residual.nanoseconds, kind: "residual"))
    steps.append(Waterfall.Step(name: record.path.description, amount: record.total.nanoseconds, kind: "total"))
    let rows =
      record.parts.map(row) + [
        PlotRow(swatch: "", name: "not explained", cells: [time(record.residual), "", ""]),
        PlotRow(swatch: "", name: record.path.description, cells: [time(record.total), "", record.basis.rawValue]),
      ]
    return PlotView(
      caption: "Where the time of an operation goes, \(record.path.short): " + explained(record),
      svg: Waterfall(steps: steps).svg(id: id, title: "\(title), \(record.path)"),
      head: ["part", "time [\(Figure.percent(record.level))]", "count × each", "from"], rows: rows, notes: record.notes,
      foldedTable: "The parts in figures")
  }

  private static func explained(_ record: AttributionRecord) -> String {
    record.explainedShare.map { "\(Figure.share(max(0, $0))) % of the gap is explained" }
      ?? "there is no gap beyond noise"
  }

  private static func row(_ part: AttributionPart) -> PlotRow {
    var product = ""
    if let count = part.count, let each = part.unitCost {
      product = "\(Figure.short(count)) × \(Figure.duration(each))"
    }
    let time = time(AttributionTime(nanoseconds: part.nanoseconds, low: part.low, high: part.high))
    return PlotRow(swatch: "", name: part.name, cells: [time, product, part.source])
  }

  private static func time(_ time: AttributionTime) -> String {
    guard let low = time.low, let high = time.high else { return Figure.duration(time.nanoseconds) }
    return "\(Figure.duration(time.nanoseconds)) [\(Figure.duration(low)), \(Figure.duration(high))]"
  }
}
