import Foundation
import Results

/// Latency by percentile, the percentiles spread by nines so that the tail has room: for every path the median over the
/// blocks, and a band from the least block to the greatest. Samples of different legs are never pooled.
struct LatencyPlot {
  /// One path's curve: at each step that every block supports, the least, the median and the greatest nanoseconds.
  struct Curve {
    let path: Path
    let low: [Double]
    let middle: [Double]
    let high: [Double]
  }

  /// What is drawn; a path without a histogram has no curve.
  let curves: [Curve]
  /// The metric that holds the histograms, without its percentile: `latency`.
  let name: String

  /// Tenths of a nine from 0 to six nines: the tenth step is the 90th percentile, and the third is moved by a hair to be
  /// the median.
  private static let steps = (1...60).map { $0 == 3 ? log10(2) : Double($0) / 10 }
  private static let percentiles = steps.map { $0 == log10(2) ? 50 : 100 - 100 * pow(10, -$0) }
  private static let (width, height) = (380.0, 240.0)
  private static let (left, right, top, bottom) = (46.0, 368.0, 14.0, 206.0)

  /// Nil where no leg timed single operations.
  init?(_ series: WorkloadSeries) {
    let holder = series.lines.lazy.flatMap(\.legs).flatMap(\.metrics).first { $0.histogram != nil }
    guard let metric = holder?.name else { return nil }
    name = metric.hasSuffix(".p50") ? String(metric.dropLast(4)) : metric
    curves = series.lines.compactMap { Self.curve($0, metric) }
    if curves.isEmpty { return nil }
  }

  /// The percentiles of the table beside the plot, with their places in a curve.
  static let columns = [("p50", 2), ("p90", 9), ("p99", 19), ("p99.9", 29), ("p99.99", 39)]

  private static func curve(_ line: WorkloadSeries.Line, _ metric: String) -> Curve? {
    var blocks: [LatencyCurve] = []
    for leg in line.legs {
      guard let record = leg.metrics.first(where: { $0.name == metric })?.histogram,
        let curve = try? LatencyCurve(record, at: percentiles), curve.count > 0
      else { continue }
      blocks.append(curve)
    }
    let length = percentiles.prefix { percentile in blocks.allSatisfy { $0.supports(percentile: percentile) } }.count
    guard !blocks.isEmpty, length > 1 else { return nil }
    let columns = (0..<length).map { step in blocks.map { $0.nanoseconds[step] }.sorted() }
    return Curve(
      path: line.path, low: columns.map { $0[0] }, middle: columns.map(median), high: columns.map { $0[$0.count - 1] }
    )
  }

  private static func median(_ sorted: [Double]) -> Double {
    let half = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
  }

  func svg(id: String, title: String) -> String {
    let all = curves.flatMap { $0.low + $0.high }.filter { $0 > 0 }
    let scale = LogarithmicAxis(covering: all, from: Self.bottom, to: Self.top, around: nil)
    let length = curves.map(\.middle.count).max() ?? 2
    let (first, last) = (Self.steps[0], Self.steps[max(length, 11) - 1])
    func x(_ step: Double) -> Double { Self.left + (step - first) / (last - first) * (Self.right - Self.left) }
    var svg = SVG(width: Self.width, height: Self.height)
    for tick in scale.ticks {
      svg.line(Self.left, scale.place(tick), Self.right, scale.place(tick), "grid")
      svg.text(Figure.duration(tick), Self.left - 5, scale.place(tick) + 4, "end")
    }
    for (step, label) in Self.labels where step <= last {
      svg.line(x(step), Self.top, x(step), Self.bottom, "grid")
      svg.text(label, x(step), Self.bottom + 15, "middle")
    }
    svg.text("percentile", (Self.left + Self.right) / 2, Self.height - 3, "middle soft")
    for curve in curves {
      let kind = "p-\(curve.path.mode.rawValue)\(curve.path.machine == .qemu ? " peer" : "")"
      func points(_ values: [Double]) -> [(x: Double, y: Double)] {
        values.enumerated().map { (x(Self.steps[$0.offset]), scale.place(max($0.element, 1e-3))) }
      }
      svg.polygon(points(curve.low) + points(curve.high).reversed(), "band \(kind)")
      svg.polyline(points(curve.middle), "curve \(kind)")
      if let end = points(curve.middle).last {
        svg.mark(
          curve.path.mark, end.x, end.y, title: "\(curve.path.description): \(Figure.duration(curve.middle.last ?? 0))")
      }
    }
    return svg.element(
      id: id, title: "\(title): \(name) by percentile",
      description:
        "One curve for each of \(curves.map(\.path.description).joined(separator: ", ")), on logarithmic axes; "
        + "bands from the least to the greatest block. The table beside it holds the figures.")
  }

  /// Steps that have a name.
  private static let labels = [
    (log10(2), "50"), (1.0, "90"), (2.0, "99"), (3.0, "99.9"), (4.0, "99.99"), (5.0, "99.999"), (6.0, "99.9999"),
  ]
}
