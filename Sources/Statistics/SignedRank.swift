import Glibc

/// The centre of values that each scatter symmetrically about it, by their signed ranks (Wilcoxon 1945): the estimate is that of Hodges
/// and Lehmann, and the interval keeps its level whatever the single values' spreads are, also where they differ.
public struct SignedRank: Equatable, Sendable {
  /// Ranks of more values are taken as normal.
  private static let exactCount = 100

  private let values: [Double]

  /// - Parameter values: finite, at least one.
  public init(_ values: [Double]) throws(StatisticsError) {
    _ = try Sample(values)
    self.values = values
  }

  public var count: Int { values.count }

  /// Median of the means of all pairs.
  public var estimate: Double { WalshAverages.median(values) }

  /// Two-sided interval of the centre; nil where there are too few values for the level (six for 95 %).
  public func interval(level: Double) -> Interval? {
    let pairs = count * (count + 1) / 2
    let rank = leastRank(tail: (1 - level) / 2)
    guard rank > 0 else { return nil }
    return Interval(
      low: WalshAverages.ranked(rank, of: values), high: WalshAverages.ranked(pairs + 1 - rank, of: values),
      level: level)
  }

  /// The largest rank of a pair's mean that lies above the centre with no more than this probability; 0 where there is none.
  private func leastRank(tail: Double) -> Int {
    guard count <= Self.exactCount else {
      let pairs = Double(count) * Double(count + 1) / 2
      let deviation = (pairs * Double(2 * count + 1) / 12).squareRoot()
      return max(0, Int(pairs / 2 + Normal.quantile(tail) * deviation))
    }
    // Of all 2^n ways to give signs to the ranks 1 to n, the share whose positive ranks have each sum.
    var shares = [1.0]
    for rank in 1...count {
      var next = [Double](repeating: 0, count: shares.count + rank)
      for (sum, share) in shares.enumerated() {
        next[sum] += share / 2
        next[sum + rank] += share / 2
      }
      shares = next
    }
    var (rank, total) = (0, 0.0)
    while rank < shares.count {
      total += shares[rank]
      if total > tail { break }
      rank += 1
    }
    return rank
  }
}
