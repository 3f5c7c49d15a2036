import Foundation
import Results

/// Every leg in the order of the run: how far it lies from its own mode's mean, against the time at which it began. A drift
/// of the host shows as a slope that all modes share, a disturbance as marks that leave together.
struct RunOrderPlot {
  struct Point {
    let path: Path
    let workload: String
    let startedAt: Double
    /// Logarithm of the leg's figure over its series' geometric mean, turned so that higher is better.
    let deviation: Double
    let isDisturbed: Bool
  }

  let points: [Point]

  private static let (width, height) = (380.0, 200.0)
  private static let (left, right, top, bottom) = (58.0, 368.0, 14.0, 166.0)

  /// Nil where no leg has a figure above zero.
  init?(_ all: [WorkloadSeries]) {
    points = all.flatMap { series in series.lines.flatMap { Self.points($0, series) } }
      .sorted { $0.startedAt < $1.startedAt }
    if points.isEmpty { return nil }
  }

  private static func points(_ line: WorkloadSeries.Line, _ series: WorkloadSeries) -> [Point] {
    guard let metric = series.primary else { return [] }
    let values = line.points(of: metric.name).filter { $0.value > 0 }
    guard values.count > 1 else { return [] }
    let mean = values.reduce(0) { $0 + log($1.value) } / Double(values.count)
    return values.map { leg, value in
      let deviation = log(value) - mean
      return Point(
        path: line.path, workload: series.title, startedAt: leg.startedAt,
        deviation: metric.direction == .higher ? deviation : -deviation, isDisturbed: !leg.validity.isEmpty)
    }
  }

  /// - Parameter wide: whether the plot has a page's width for itself.
  func svg(id: String, title: String, wide: Bool = false) -> String {
    let width = wide ? 760 : Self.width
    let right = width - 12
    var svg = SVG(width: width, height: Self.height)
    let time = LinearAxis(covering: points.map(\.startedAt), from: Self.left + 8, to: right - 8, ticks: wide ? 8 : 5)
    let spread = points.map(\.deviation)
    let reach = max(spread.map(abs).max() ?? 0, 0.005)
    let scale = LinearAxis(
      covering: [exp(-reach) * 100 - 100, exp(reach) * 100 - 100], from: Self.bottom, to: Self.top, ticks: 5)
    for tick in scale.ticks {
      svg.line(Self.left, scale.place(tick), right, scale.place(tick), tick == 0 ? "metal" : "grid")
      svg.text("\(tick > 0 ? "+" : "")\(Figure.short(tick)) %", Self.left - 4, scale.place(tick) + 4, "end")
    }
    for tick in time.ticks { svg.text("\(Figure.short(tick)) s", time.place(tick), Self.bottom + 16, "middle") }
    svg.text("time in the run", (Self.left + right) / 2, Self.height - 3, "middle soft")
    for point in points {
      let percent = exp(point.deviation) * 100 - 100
      let (x, y) = (time.place(point.startedAt), scale.place(percent))
      if point.isDisturbed { svg.rectangle(x - 8, y - 8, width: 16, height: 16, "disturbed") }
      svg.mark(
        point.path.mark, x, y,
        title: "\(point.workload), \(point.path.description), \(Figure.short(point.startedAt)) s: "
          + "\(percent > 0 ? "+" : "")\(Figure.short(percent)) %\(point.isDisturbed ? ", disturbed" : "")")
    }
    return svg.element(
      id: id, title: "\(title): legs in the order of the run",
      description:
        "A mark for each of \(points.count) legs: its difference from the mean of its own workload and mode, "
        + "against the time at which it began. samples.csv holds the figures.")
  }
}
