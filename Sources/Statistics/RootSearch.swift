/// Newton's method, kept inside a bracket: where a step would leave it, the bracket is halved instead.
enum RootSearch {
  /// The root of an increasing function between `low` and `high`, to the last bits.
  ///
  /// - Parameter function: its value and its derivative.
  static func increasing(
    from low: Double, to high: Double, start: Double, _ function: (Double) -> (value: Double, derivative: Double)
  ) -> Double {
    var low = low
    var high = high
    var x = start
    for _ in 0..<300 {
      let (value, derivative) = function(x)
      if value == 0 { return x }
      if value < 0 { low = x } else { high = x }
      let newton = x - value / derivative
      let next = newton > low && newton < high ? newton : low + (high - low) / 2
      let settled = abs(next - x) <= 2 * x.ulp
      x = next
      if settled || high - low <= x.ulp { break }
    }
    return x
  }
}
