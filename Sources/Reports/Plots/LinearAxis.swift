import Glibc

/// A linear axis with round ticks.
struct LinearAxis {
  let ticks: [Double]
  private let low: Double
  private let high: Double
  private let start: Double
  private let end: Double

  /// - Parameters:
  ///   - values: what the axis covers, finite; nothing gives 0 to 1.
  ///   - start: the coordinate of the least value.
  ///   - end: the coordinate of the greatest.
  ///   - count: about as many ticks.
  init(covering values: [Double], from start: Double, to end: Double, ticks count: Int = 4) {
    let (least, greatest) = (values.min() ?? 0, values.max() ?? 1)
    // Something that does not vary gets a span of its own size, so that it stands in the middle.
    let span = greatest > least ? greatest - least : max(abs(least) * 0.02, 1e-9)
    low = greatest > least ? least : least - span / 2
    high = low + span
    self.start = start
    self.end = end
    let rough = span / Double(count)
    let power = pow(10, log10(rough).rounded(.down))
    let step = power * ([1, 2, 5].first { $0 * power >= rough } ?? 10)
    let first = (low / step).rounded(.up)
    let last = (high / step).rounded(.down)
    // A span at the edge of what doubles can tell has no round numbers in it.
    ticks = last >= first && last - first < 50 ? stride(from: first, through: last, by: 1).map { $0 * step } : [low]
  }

  /// The coordinate of a value; one outside stands at the end that is nearer.
  func place(_ value: Double) -> Double {
    start + (min(max(value, low), high) - low) / (high - low) * (end - start)
  }
}
