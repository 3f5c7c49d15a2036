import Glibc
import Results

/// Ratios and their intervals on a logarithmic axis, bare metal at 1.0, as inline SVG. Shape and text carry the meaning,
/// colour only repeats it: a filled mark has an interval, a hollow one has none.
struct ForestPlot {
  private let comparisons: [ComparisonRecord]
  private let axis: LogarithmicAxis

  private static let width = 960.0
  private static let labelEnd = 190.0
  private static let plotStart = 210.0
  private static let plotEnd = 740.0
  private static let rowHeight = 22.0
  private static let headHeight = 28.0
  private static let top = 34.0

  /// At least one comparison, all with bare metal.
  init(_ comparisons: [ComparisonRecord]) {
    self.comparisons = comparisons
    let bounds = comparisons.flatMap { [$0.ratio, $0.low ?? $0.ratio, $0.high ?? $0.ratio] }
    axis = LogarithmicAxis(covering: bounds, from: Self.plotStart, to: Self.plotEnd)
  }

  func svg() -> String {
    var rows = ""
    var y = Self.top
    var heading = ""
    for comparison in comparisons {
      let own = "\(WorkloadName.text(comparison.workload, comparison.parameters)): \(comparison.metric)"
      if own != heading {
        heading = own
        y += Self.headHeight
        rows += text(own, x: 4, y: y - 8, style: "plot-head")
      }
      rows += row(comparison, y: y)
      y += Self.rowHeight
    }
    let height = y + 16
    return """
      <svg class="plot" viewBox="0 0 \(number(Self.width)) \(number(height))" role="img" \
      aria-labelledby="plot-title plot-text" xmlns="http://www.w3.org/2000/svg">
      <title id="plot-title">Ratios to bare metal</title>
      <desc id="plot-text">One line for each workload, metric and mode: the ratio and its interval on a logarithmic \
      axis, with bare metal at 1.0. The table below holds the same figures.</desc>
      \(grid(height: height - 12))\(rows)</svg>
      """
  }

  private func grid(height: Double) -> String {
    axis.ticks.map { tick in
      let x = number(axis.place(tick))
      let isMetal = tick == 1
      let line =
        "<line class=\"\(isMetal ? "plot-metal" : "plot-grid")\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(number(Self.top - 6))\" "
        + "y2=\"\(number(height))\"/>\n"
      let label = isMetal ? "1.0 bare metal" : LogarithmicAxis.label(tick)
      return line + text(label, x: axis.place(tick), y: 18, style: isMetal ? "plot-middle plot-strong" : "plot-middle")
    }.joined()
  }

  private func row(_ comparison: ComparisonRecord, y: Double) -> String {
    let middle = y + Self.rowHeight / 2 - 4
    var marks = text(
      "\(comparison.machine.rawValue) \(comparison.mode.rawValue)", x: Self.labelEnd, y: middle + 4, style: "plot-end")
    if let low = comparison.low, let high = comparison.high {
      let (left, right) = (axis.place(low), axis.place(high))
      marks += line(left, right, middle, middle)
      marks += line(left, left, middle - 4, middle + 4) + line(right, right, middle - 4, middle + 4)
    }
    let x = axis.place(comparison.ratio)
    marks +=
      "<rect class=\"\(comparison.low == nil ? "plot-hollow" : "plot-mark")\" x=\"\(number(x - 4))\" "
      + "y=\"\(number(middle - 4))\" width=\"8\" height=\"8\"/>\n"
    let figures = Figure.ratio(comparison.ratio, low: comparison.low, high: comparison.high)
    let isDoubtful = comparison.flags.contains(.fewBlocks) || comparison.flags.contains(.superNative)
    return marks + text(figures + (isDoubtful ? " ⚑" : ""), x: Self.plotEnd + 20, y: middle + 4, style: "plot-figure")
  }

  private func line(_ x1: Double, _ x2: Double, _ y1: Double, _ y2: Double) -> String {
    "<line class=\"plot-interval\" x1=\"\(number(x1))\" x2=\"\(number(x2))\" y1=\"\(number(y1))\" y2=\"\(number(y2))\"/>\n"
  }

  private func text(_ text: String, x: Double, y: Double, style: String) -> String {
    "<text class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\">\(XMLText.escape(text))</text>\n"
  }

  /// Tenths are finer than any screen shows.
  private func number(_ value: Double) -> String {
    "\((value * 10).rounded() / 10)"
  }
}
