import Foundation
import Results
import Statistics

/// What turns brought one after the other, block by block: how far each stretch of them lies from its mode's middle. A slope within the blocks
/// is work that has not settled, a step that all modes share is the host's.
struct TurnsPlot {
  struct Curve {
    let path: Path
    /// Of each block the stretches: logarithms over the mode's middle, turned so that higher is better.
    let blocks: [[Double]]
    /// From the first quarter of a block's turns to the last, over the blocks; nil for fewer than three blocks.
    let drift: Interval?

    struct Interval {
      let middle: Double
      let half: Double
      /// Whether work has not settled by more than chance and by more than a part in two hundred.
      var isTrend: Bool { abs(middle) > half && abs(middle) > 0.005 }
    }
  }

  let name: String
  let curves: [Curve]

  /// Stretches of a block: finer ones are noise, and make pages large.
  private static let stretches = 20
  private static let leastBlocks = 3
  /// The level of ``Curve/drift``: a page has many of them.
  private static let level = 0.99
  private static let (width, height) = (380.0, 200.0)
  private static let (left, right, top, bottom) = (58.0, 368.0, 14.0, 176.0)

  /// Nil where no leg took turns that the workload's metric is made of.
  init?(_ series: WorkloadSeries) {
    guard let metric = series.primary, let figure = TurnsRecord.Figure(metric: metric.name, of: series.workload) else {
      return nil
    }
    name = metric.name
    curves = series.lines.compactMap { line in
      let blocks = line.legs.compactMap { $0.turns.map { Self.logarithms($0.windows, figure) } }.filter {
        $0.count >= 8
      }
      guard !blocks.isEmpty else { return nil }
      let middle = Quantile.median(blocks.flatMap(\.self))
      return Curve(
        path: line.path, blocks: blocks.map { Self.stretched($0.map { $0 - middle }) }, drift: Self.drift(of: blocks))
    }
    if curves.isEmpty { return nil }
  }

  /// Of the turns that did something, turned so that higher is better.
  private static func logarithms(_ windows: TurnsRecord.Windows, _ figure: TurnsRecord.Figure) -> [Double] {
    (0..<windows.count).compactMap { index in
      let (operations, time) = (Double(windows.operations[index]), Double(windows.nanoseconds[index]))
      switch figure {
      case .rate, .time: return operations > 0 && time > 0 ? log(operations / time) : nil
      case .median: return windows.median[index] > 0 ? -log(Double(windows.median[index])) : nil
      }
    }
  }

  private static func stretched(_ values: [Double]) -> [Double] {
    let count = min(stretches, values.count)
    return (0..<count).map { index in
      Quantile.median(Array(values[(index * values.count / count)..<((index + 1) * values.count / count)]))
    }
  }

  private static func drift(of blocks: [[Double]]) -> Curve.Interval? {
    guard blocks.count >= leastBlocks else { return nil }
    let drifts = blocks.map {
      Quantile.median(Array($0.suffix($0.count / 4))) - Quantile.median(Array($0.prefix($0.count / 4)))
    }
    let count = Double(drifts.count)
    let mean = drifts.reduce(0, +) / count
    let variance = drifts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let quantile = StudentT(degreesOfFreedom: count - 1).quantile((1 + level) / 2)
    return Curve.Interval(middle: mean, half: quantile * (variance / count).squareRoot())
  }

  /// A sentence for each mode whose work had not settled.
  var remarks: [String] {
    curves.compactMap { curve in
      guard let drift = curve.drift, drift.isTrend else { return nil }
      return
        "\(curve.path.short): \(Self.percent(drift.middle)) ± \(Figure.share(drift.half)) % from the first quarter of a block's turns to the last: the "
        + "work had not settled."
    }
  }

  func svg(id: String, title: String) -> String {
    var svg = SVG(width: Self.width, height: Self.height)
    let all = curves.flatMap { $0.blocks.flatMap(\.self) }.map { exp($0) * 100 - 100 }
    let scale = LinearAxis(covering: all + [-0.5, 0.5], from: Self.bottom, to: Self.top, ticks: 5)
    for tick in scale.ticks {
      svg.line(Self.left, scale.place(tick), Self.right, scale.place(tick), tick == 0 ? "metal" : "grid")
      svg.text("\(tick > 0 ? "+" : "")\(Figure.short(tick)) %", Self.left - 4, scale.place(tick) + 4, "end")
    }
    let most = curves.map(\.blocks.count).max() ?? 1
    let width = (Self.right - Self.left) / Double(most)
    for block in 1..<max(2, most) where most > 1 {
      let x = Self.left + Double(block) * width
      svg.line(x, Self.top, x, Self.bottom, "grid")
    }
    for curve in curves {
      let style = "curve p-\(curve.path.mode.rawValue)\(curve.path.machine == .qemu ? " peer" : "")"
      for (block, values) in curve.blocks.enumerated() {
        let points = values.enumerated().map { index, value in
          (
            x: Self.left + (Double(block) + (Double(index) + 0.5) / Double(values.count)) * width,
            y: scale.place(exp(value) * 100 - 100)
          )
        }
        svg.polyline(points, style)
        if block == curve.blocks.count - 1, let end = points.last {
          svg.mark(curve.path.mark, end.x, end.y, title: curve.path.description)
        }
      }
    }
    svg.text("turns, block by block", (Self.left + Self.right) / 2, Self.height - 6, "middle soft")
    return svg.element(
      id: id, title: "\(title): turn by turn",
      description: "For each mode a line through its turns in \(most) blocks: the difference from its own middle. "
        + (remarks.isEmpty ? "No mode drifts within its blocks." : remarks.joined(separator: " ")))
  }

  private static func percent(_ logarithm: Double) -> String {
    let share = exp(logarithm) - 1
    return "\(share < 0 ? "−" : "+")\(Figure.share(abs(share))) %"
  }
}
