import Results

/// The forest plot: ratios and their intervals on one logarithmic axis with bare metal at 1.0, a track for every ratio, so
/// that each stands in the row of a table beside its name and figures. Positions are shares of the track's width: it fits
/// a phone as it fits a page.
struct ForestTrack {
  private let axis: LogarithmicAxis
  private let gridName: String

  /// - Parameters:
  ///   - ratios: what the axis covers, above zero.
  ///   - grid: what the page calls the axis's grid; letters.
  init(covering ratios: [Double], grid: String) {
    gridName = grid
    axis = LogarithmicAxis(covering: ratios, from: 2, to: 98)
  }

  init(covering comparisons: [ComparisonRecord], grid: String) {
    self.init(covering: comparisons.flatMap { [$0.ratio, $0.low ?? $0.ratio, $0.high ?? $0.ratio] }, grid: grid)
  }

  /// The grid that every track shows, once for a page.
  func grid() -> String {
    let lines = axis.ticks.map { tick in
      "<path class=\"\(tick == 1 ? "metal" : "grid")\" \(SVG.stroke) d=\"M\(SVG.number(axis.place(tick) * 10)) 0v10\"/>"
    }
    return
      "<svg class=\"defs\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs><symbol id=\"\(gridName)\" viewBox=\"0 0 1000 10\" "
      + "preserveAspectRatio=\"none\">\(lines.joined())</symbol></defs></svg>"
  }

  /// The axis's labels, as the head of a column.
  func scale() -> String {
    var texts = ""
    var last = -100.0
    // Bare metal's label first: others give way to it.
    let metal = axis.place(1)
    for tick in axis.ticks {
      let place = axis.place(tick)
      let isMetal = tick == 1
      guard isMetal || (place - last > 8 && abs(place - metal) > 9) else { continue }
      last = place
      texts +=
        "<text class=\"\(isMetal ? "middle strong" : "middle")\" text-anchor=\"middle\" x=\"\(SVG.number(place))%\" y=\"12\">"
        + "\(LogarithmicAxis.label(tick))</text>"
    }
    return "<svg class=\"track scale\" width=\"100%\" height=\"18\" aria-hidden=\"true\">\(texts)</svg>"
  }

  /// One ratio.
  ///
  /// - Parameter margin: the least ratio that meets the claim about it; the way from there to 1.0 is shaded.
  func track(_ comparison: ComparisonRecord, margin: Double?) -> String {
    track(
      comparison.ratio, low: comparison.low, high: comparison.high,
      comparison.path, margin: margin)
  }

  func track(_ ratio: Double, low: Double?, high: Double?, _ path: Path, margin: Double? = nil) -> String {
    var body = ""
    if let margin, margin < 1 {
      let from = axis.place(margin)
      body +=
        "<rect class=\"margin\" fill-opacity=\".1\" x=\"\(SVG.number(from))%\" width=\"\(SVG.number(axis.place(1) - from))%\" "
        + "y=\"0\" height=\"100%\"/>"
    }
    body += "<use href=\"#\(gridName)\" width=\"100%\" height=\"100%\"/>"
    if let low, let high {
      body +=
        "<line class=\"interval p-\(path.mode.rawValue)\" \(SVG.stroke) stroke-width=\"3\" x1=\"\(SVG.number(axis.place(low)))%\" "
        + "x2=\"\(SVG.number(axis.place(high)))%\" y1=\"50%\" y2=\"50%\"/>"
    }
    let mark = path.mark
    body +=
      "<svg x=\"\(SVG.number(axis.place(ratio)))%\" y=\"50%\" overflow=\"visible\">"
      + "<path class=\"\(mark.style)\" d=\"\(mark.outline)\"/></svg>"
    return "<svg class=\"track\" width=\"100%\" height=\"24\" aria-hidden=\"true\">\(body)</svg>"
  }
}
