/// Two levels on which the figures of blocks lie.
public struct Levels: Equatable, Sendable {
  /// One of them.
  public struct Level: Equatable, Sendable {
    /// Indices of its blocks, in order.
    public let blocks: [Int]
    /// Of their values.
    public let mean: Double
  }

  public let lower: Level
  public let upper: Level
  /// Chance of a gap so wide where there is one level.
  public let probability: Double
}
