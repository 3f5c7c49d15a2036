/// A place in a series at which its distribution changes.
public struct ChangePoint: Equatable, Sendable {
  /// Index of the first value after the change.
  public let index: Int
  /// The energy statistic of the split; grows with the change and with the number of values on both sides.
  public let statistic: Double
  /// Chance of a split as strong as this where nothing changes, from the permutations.
  public let probability: Double

  public init(index: Int, statistic: Double, probability: Double) {
    self.index = index
    self.statistic = statistic
    self.probability = probability
  }
}
