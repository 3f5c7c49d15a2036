/// How much of what one run finds a second run finds again.
public struct Replication: Equatable, Sendable {
  public let both: Int
  public let onlyFirst: Int
  public let onlySecond: Int

  public init<Finding: Hashable>(first: Set<Finding>, second: Set<Finding>) {
    both = first.intersection(second).count
    onlyFirst = first.count - both
    onlySecond = second.count - both
  }

  /// Of several pairs of runs together, each finding counted once a pair.
  public init(pairs: [Replication]) {
    both = pairs.reduce(0) { $0 + $1.both }
    onlyFirst = pairs.reduce(0) { $0 + $1.onlyFirst }
    onlySecond = pairs.reduce(0) { $0 + $1.onlySecond }
  }

  /// Findings of both over findings of either, from 0 to 1 (Jaccard 1912); nil where neither found anything, which neither
  /// replicates nor contradicts.
  public var jaccard: Double? {
    let either = both + onlyFirst + onlySecond
    return either > 0 ? Double(both) / Double(either) : nil
  }
}
