/// Order statistics. They take values in any order; all must be finite and there must be at least one.
public enum Quantile {
  /// The value below which a fraction of the sample lies, interpolated between neighbours (Hyndman and Fan's type 7).
  public static func of(_ values: [Double], _ fraction: Double) -> Double {
    precondition(!values.isEmpty, "a quantile needs a value")
    precondition((0...1).contains(fraction), "a fraction lies between 0 and 1")
    let sorted = values.sorted()
    let position = fraction * Double(sorted.count - 1)
    let below = Int(position)
    guard below + 1 < sorted.count else { return sorted[sorted.count - 1] }
    let share = position - Double(below)
    return sorted[below] + share * (sorted[below + 1] - sorted[below])
  }

  public static func median(_ values: [Double]) -> Double { of(values, 0.5) }

  /// Median of the distances from the median, not scaled to a standard deviation (that would be × 1.4826).
  public static func medianAbsoluteDeviation(_ values: [Double]) -> Double {
    let centre = median(values)
    return median(values.map { abs($0 - centre) })
  }
}
