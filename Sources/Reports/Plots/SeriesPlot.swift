/// A figure over runs, with its intervals and the places where it changed.
struct SeriesPlot {
  struct Point {
    let label: String
    let value: Double
    let low: Double?
    let high: Double?
  }

  let points: [Point]
  /// Indices of points at which a new level begins.
  let changes: [Int]
  let mark: Mark

  private static let (width, height) = (380.0, 180.0)
  private static let (left, right, top, bottom) = (58.0, 368.0, 14.0, 148.0)

  func svg(id: String, title: String) -> String {
    var svg = SVG(width: Self.width, height: Self.height)
    let all = points.flatMap { [$0.value, $0.low ?? $0.value, $0.high ?? $0.value] }
    let scale = LinearAxis(covering: all, from: Self.bottom, to: Self.top)
    let axis = LinearAxis(
      covering: points.indices.map { Double($0) }, from: Self.left + 8, to: Self.right - 8, ticks: 5)
    for tick in scale.ticks {
      svg.line(Self.left, scale.place(tick), Self.right, scale.place(tick), "grid")
      svg.text(Figure.short(tick), Self.left - 5, scale.place(tick) + 4, "end")
    }
    for change in changes where points.indices.contains(change) {
      let x = axis.place(Double(change) - 0.5)
      svg.line(x, Self.top, x, Self.bottom, "change")
    }
    svg.polyline(
      points.enumerated().map { (axis.place(Double($0.offset)), scale.place($0.element.value)) }, "curve thin")
    for (index, point) in points.enumerated() {
      let x = axis.place(Double(index))
      if let low = point.low, let high = point.high { svg.line(x, scale.place(low), x, scale.place(high), "interval") }
      svg.mark(mark, x, scale.place(point.value), title: "\(point.label): \(Figure.value(point.value))")
    }
    svg.text(points.first?.label ?? "", Self.left, Self.bottom + 18, "")
    if points.count > 1 { svg.text(points[points.count - 1].label, Self.right, Self.bottom + 18, "end") }
    return svg.element(
      id: id, title: "\(title): over the runs",
      description: "A mark for each of \(points.count) runs, oldest first, with its interval; vertical lines where the "
        + "level changed.")
  }
}
