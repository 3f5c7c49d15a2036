/// How much of what one run finds a second run finds again.
public struct ReplicationRecord: Codable, Sendable, Equatable {
  /// Pairs of runs that were held against each other.
  public var pairs: Int
  /// Findings of both runs of a pair, and of one alone, over all pairs.
  public var both: Int
  public var one: Int

  public init(pairs: Int, both: Int, one: Int) {
    self.pairs = pairs
    self.both = both
    self.one = one
  }

  /// Findings of both over findings of either, from 0 to 1 (Jaccard 1912); nil where nothing was found.
  public var share: Double? { both + one > 0 ? Double(both) / Double(both + one) : nil }
}
