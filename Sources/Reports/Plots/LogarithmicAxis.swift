import Glibc

/// A logarithmic axis with round ticks.
struct LogarithmicAxis {
  /// Where ticks stand, in order.
  let ticks: [Double]
  private let low: Double
  private let high: Double
  private let start: Double
  private let end: Double

  /// - Parameters:
  ///   - values: above 0; at least one.
  ///   - start: the coordinate of the least value.
  ///   - end: the coordinate of the greatest.
  ///   - anchor: a value that the axis covers whatever the others are, and that has a tick of its own.
  init(covering values: [Double], from start: Double, to end: Double, around anchor: Double? = 1) {
    // A few hundredths of a decade lie on either side of what is shown, so that no mark stands on the edge.
    // Past thirty decades a mark stands at the axis's end: no ratio of real work lies there.
    let all = values + (anchor.map { [$0] } ?? [])
    let least = max((all.min() ?? 1) * 0.93, 1e-30)
    let greatest = max(min((all.max() ?? 1) * 1.07, 1e30), least * 1.1)
    low = log10(least)
    high = log10(greatest)
    self.start = start
    self.end = end
    ticks = Self.ticks(from: least, to: greatest, around: anchor)
  }

  /// The coordinate of a value.
  func place(_ value: Double) -> Double {
    start + (min(max(log10(value), low), high) - low) / (high - low) * (end - start)
  }

  static func label(_ tick: Double) -> String {
    // Ticks are decimal fractions with few digits, which their shortest form shows.
    if tick < 1e-6 { return "\(tick)" }
    let rounded = (tick * 1e9).rounded() / 1e9
    return rounded == rounded.rounded() && rounded < 1e9 ? Figure.whole(rounded) : "\(rounded)"
  }

  private static func ticks(from least: Double, to greatest: Double, around anchor: Double?) -> [Double] {
    let decades = log10(greatest / least)
    let steps: [Double] =
      decades > 3
      ? [1]
      : decades > 1.2 ? [1, 2, 5] : decades > 0.5 ? [1, 1.5, 2, 3, 5, 7] : [1, 1.2, 1.5, 2, 3, 4, 5, 6, 7, 8, 9]
    let first = Int(log10(least).rounded(.down))
    let last = Int(log10(greatest).rounded(.up))
    let stride = decades > 12 ? Int(decades / 6) : 1
    var ticks: [Double] = []
    for decade in first...last where decade % stride == 0 {
      for step in steps {
        let tick = decade < 0 ? step / pow(10, Double(-decade)) : step * pow(10, Double(decade))
        // Next to the anchor only its own label fits.
        let isCrowded = anchor.map { tick != $0 && abs(log10(tick / $0)) < decades / 12 } ?? false
        if tick >= least && tick <= greatest && !isCrowded { ticks.append(tick) }
      }
    }
    return ticks
  }
}
