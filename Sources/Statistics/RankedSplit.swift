/// The split that makes the energy distance between its sides largest, as ``EnergySplit`` has it, for series that are long: in n log n in
/// place of n².
///
/// The right side ends with the series or at a quarter of it, in place of anywhere: a stretch that differs and is over within less than a
/// quarter is found where it begins or ends only if it is strong enough beside what follows it.
struct RankedSplit {
  /// Values of the series in order, each once.
  private let levels: [Double]
  /// Of each place the index of its value.
  let ranks: [Int]

  private static let quarters = 4

  init(_ values: some Collection<Double>) {
    var levels: [Double] = []
    for value in values.sorted() where value != levels.last { levels.append(value) }
    self.levels = levels
    ranks = values.map { value in levels.partitioned { $0 < value } }
  }

  /// The strongest split of the series in another order.
  /// - Parameters:
  ///   - ranks: those of the series, in any order.
  ///   - minimum: values on each side at least.
  ///   - enough: the first split that is as strong is taken for the strongest.
  /// - Returns: nil where the series is too short.
  func strongest(_ ranks: [Int], minimum: Int, enough: Double = .infinity) -> EnergySplit.Split? {
    let count = ranks.count
    guard count >= 2 * minimum else { return nil }
    let left = pairs(ranks[...])
    var best: EnergySplit.Split?
    for quarter in 1...Self.quarters {
      let end = count * quarter / Self.quarters
      guard end >= 2 * minimum else { continue }
      var tree = Tree(levels)
      var right = 0.0
      for index in stride(from: end - 1, through: minimum, by: -1) {
        right += tree.add(ranks[index])
        guard end - index >= minimum else { continue }
        let (before, behind) = (Double(index), Double(end - index))
        let between = 2 * (left[end] - left[index] - right) / (before * behind)
        let within = 2 * left[index] / (before * (before - 1)) + 2 * right / (behind * (behind - 1))
        let statistic = before * behind / (before + behind) * (between - within)
        if statistic > best?.statistic ?? -.infinity { best = EnergySplit.Split(index: index, statistic: statistic) }
        if statistic >= enough { return best }
      }
    }
    return best
  }

  /// Of each beginning the sum of distances between its pairs.
  private func pairs(_ ranks: ArraySlice<Int>) -> [Double] {
    var tree = Tree(levels)
    var sums = [0.0]
    sums.reserveCapacity(ranks.count + 1)
    for rank in ranks { sums.append(sums[sums.count - 1] + tree.add(rank)) }
    return sums
  }

  /// Counts and sums of the values so far, by rank (Fenwick 1994).
  private struct Tree {
    private let levels: [Double]
    /// Count and sum.
    private var nodes: [SIMD2<Double>]
    private var all = SIMD2<Double>.zero

    init(_ levels: [Double]) {
      self.levels = levels
      nodes = [SIMD2<Double>](repeating: .zero, count: levels.count + 1)
    }

    /// Adds a value; returns the sum of its distances to those that were there.
    mutating func add(_ rank: Int) -> Double {
      let value = levels[rank]
      let own = SIMD2(1, value)
      var below = SIMD2<Double>.zero
      var index = rank + 1
      while index > 0 {
        below += nodes[index]
        index &= index &- 1
      }
      index = rank + 1
      while index < nodes.count {
        nodes[index] += own
        index &+= index & (0 &- index)
      }
      let above = all - below
      all += own
      return value * below.x - below.y + above.y - value * above.x
    }
  }
}

extension [Double] {
  /// How many elements of a sorted array come before those for which it is not so any more.
  fileprivate func partitioned(_ isBefore: (Double) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
