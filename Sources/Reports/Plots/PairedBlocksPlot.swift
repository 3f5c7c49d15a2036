import Foundation
import Results

/// The ratio of every block, mode by mode: what the estimate and its interval were made of. Each mode has an axis of its
/// own, since how much the blocks differ is the point, not how far modes lie apart.
struct PairedBlocksPlot {
  struct Panel {
    let comparison: ComparisonRecord
    /// In the order of the blocks.
    let ratios: [(block: Int, ratio: Double)]
  }

  let panels: [Panel]

  private static let width = 380.0
  private static let panelHeight = 74.0
  private static let (left, right) = (52.0, 368.0)

  /// Nil where nothing was compared with bare metal.
  init?(_ series: WorkloadSeries) {
    guard let native = series.lines.first, native.path.isNative else { return nil }
    panels = series.primaryRatios.compactMap { comparison in
      guard let line = series.lines.first(where: { $0.path == comparison.path }) else { return nil }
      let reference = Dictionary(
        native.points(of: comparison.metric).map { ($0.leg.block, $0.value) }, uniquingKeysWith: { $1 })
      let ratios = line.points(of: comparison.metric).compactMap { point -> (Int, Double)? in
        guard let metal = reference[point.leg.block], metal > 0, point.value > 0 else { return nil }
        return (point.leg.block, comparison.direction == .higher ? point.value / metal : metal / point.value)
      }
      return ratios.isEmpty ? nil : Panel(comparison: comparison, ratios: ratios)
    }
    if panels.isEmpty { return nil }
  }

  func svg(id: String, title: String) -> String {
    var svg = SVG(width: Self.width, height: Double(panels.count) * Self.panelHeight + 20)
    let blocks = panels.flatMap { $0.ratios.map { Double($0.block) } }
    let axis = LinearAxis(covering: blocks, from: Self.left + 12, to: Self.right - 8, ticks: 6)
    for (index, panel) in panels.enumerated() { draw(panel, at: Double(index) * Self.panelHeight, axis, &svg) }
    let foot = Double(panels.count) * Self.panelHeight
    for tick in axis.ticks where tick == tick.rounded() {
      svg.text(Figure.whole(tick), axis.place(tick), foot + 4, "middle")
    }
    svg.text("block", (Self.left + Self.right) / 2, foot + 17, "middle soft")
    return svg.element(
      id: id, title: "\(title): ratio to bare metal in every block",
      description:
        "A panel for each of \(panels.map { $0.comparison.path.description }.joined(separator: ", ")): a mark for every "
        + "block, a line at the estimate, and its interval shaded. The table below holds the figures.")
  }

  private func draw(_ panel: Panel, at top: Double, _ axis: LinearAxis, _ svg: inout SVG) {
    let comparison = panel.comparison
    let path = comparison.path
    let bounds = panel.ratios.map(\.ratio) + [comparison.low, comparison.high].compactMap { $0 }
    let (low, high) = (top + 62, top + 24)
    let scale = LinearAxis(covering: bounds.map { log($0) }, from: low, to: high)
    func y(_ ratio: Double) -> Double { scale.place(log(ratio)) }
    svg.text(path.short, Self.left, top + 12, "strong")
    svg.text(
      Figure.ratio(comparison.ratio, low: comparison.low, high: comparison.high), Self.right, top + 12, "end figure")
    if let lower = comparison.low, let upper = comparison.high {
      svg.rectangle(
        Self.left, y(upper), width: Self.right - Self.left, height: y(lower) - y(upper), "band p-\(path.mode.rawValue)"
      )
    }
    svg.line(Self.left, y(comparison.ratio), Self.right, y(comparison.ratio), "estimate p-\(path.mode.rawValue)")
    let (least, greatest) = (bounds.min() ?? 1, bounds.max() ?? 1)
    if greatest > least {
      svg.text(Figure.ratio(greatest), Self.left - 5, y(greatest) + 4, "end")
      svg.text(Figure.ratio(least), Self.left - 5, y(least) + 4, "end")
    } else {
      svg.text(Figure.ratio(least), Self.left - 5, y(least) + 4, "end")
    }
    for (block, ratio) in panel.ratios {
      svg.mark(
        path.mark, axis.place(Double(block)), y(ratio), title: "block \(block), \(path): \(Figure.ratio(ratio))"
      )
    }
  }
}
