/// Why a statistic cannot be given.
public enum StatisticsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Fewer blocks than a decision at the level needs.
  case tooFewBlocks(have: Int, need: Int, level: Double)
  /// A logarithm was to be taken of a value that is zero, negative or not finite.
  case notPositive(index: Int, value: Double)
  /// A value is infinite or not a number.
  case notFinite(index: Int, value: Double)
  /// The two sides of a pairing differ in length.
  case unpaired(left: Int, right: Int)
  /// A block has no round.
  case noRounds
  /// Too few blocks, legs or iterations to tell their variances apart.
  case notNested(blocks: Int, legs: Int, iterations: Int)

  public var description: String {
    switch self {
    case .tooFewBlocks(let have, let need, let level):
      "\(have) block\(have == 1 ? "" : "s") cannot decide at level \(level): at least \(need) are needed"
    case .notPositive(let index, let value):
      "value \(value) at index \(index) has no logarithm: expected a finite number above 0"
    case .notFinite(let index, let value):
      "value \(value) at index \(index): expected a finite number"
    case .unpaired(let left, let right):
      "\(left) values cannot be paired with \(right)"
    case .noRounds:
      "a block without a round has no ratio"
    case .notNested(let blocks, let legs, let iterations):
      "\(iterations) iterations in \(legs) legs of \(blocks) blocks cannot be told apart: at least two blocks, two legs in one "
        + "of them and two iterations in one of those are needed"
    }
  }
}
