/// The energy distance between neighbouring segments of a series, and the split that makes it largest (Matteson and James
/// 2014, equations 5 to 8, with α = 1).
///
/// Distances are summed once into a table, after which any pair of segments costs four look-ups: the table takes n² numbers.
struct EnergySplit {
  struct Split {
    let index: Int
    let statistic: Double
  }

  private let count: Int
  /// Sums of distances over all i below a row and j below a column, `count + 1` a side.
  private var sums: [Double]

  init(_ values: ArraySlice<Double>) {
    let values = Array(values)
    count = values.count
    let side = count + 1
    sums = [Double](repeating: 0, count: side * side)
    for row in 0..<count {
      var inRow = 0.0
      for column in 0..<count {
        inRow += abs(values[row] - values[column])
        sums[(row + 1) * side + column + 1] = sums[row * side + column + 1] + inRow
      }
    }
  }

  /// The strongest split that leaves at least `minimum` values on both sides; the segment on the right may end before the
  /// series does. Nil where the series is too short.
  func strongest(minimum: Int) -> Split? {
    guard count >= 2 * minimum else { return nil }
    var best: Split?
    for index in minimum...(count - minimum) {
      for end in (index + minimum)...count {
        let statistic = statistic(index, end)
        if statistic > best?.statistic ?? -.infinity { best = Split(index: index, statistic: statistic) }
      }
    }
    return best
  }

  /// mn/(m + n) times the energy distance between the first `index` values and those up to `end`.
  private func statistic(_ index: Int, _ end: Int) -> Double {
    let left = Double(index)
    let right = Double(end - index)
    let between = sum(0..<index, index..<end) * 2 / (left * right)
    // Each pair is in the sum twice.
    let within = sum(0..<index, 0..<index) / (left * (left - 1)) + sum(index..<end, index..<end) / (right * (right - 1))
    return left * right / (left + right) * (between - within)
  }

  private func sum(_ rows: Range<Int>, _ columns: Range<Int>) -> Double {
    let side = count + 1
    let (top, bottom) = (rows.lowerBound * side, rows.upperBound * side)
    return sums[bottom + columns.upperBound] - sums[top + columns.upperBound] - sums[bottom + columns.lowerBound]
      + sums[top + columns.lowerBound]
  }
}
