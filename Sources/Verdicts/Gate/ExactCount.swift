import Glibc

/// How often something happened for one operation, in blocks that agree on an integer.
struct ExactCount {
  /// What a window's edges may add to an integer.
  static let edge = 0.05

  /// The integer that most blocks are, but for the edges of their windows.
  let integer: Int
  /// Whether all are.
  let isWhole: Bool

  /// Nil where most blocks do not agree on one. At least one value.
  init?(_ values: [Double]) {
    let median = values.sorted()[values.count / 2].rounded()
    let agreeing = values.count { abs($0 - median) <= Self.edge }
    guard median.magnitude < 1e9, 2 * agreeing > values.count else { return nil }
    (integer, isWhole) = (Int(median), agreeing == values.count)
  }
}
