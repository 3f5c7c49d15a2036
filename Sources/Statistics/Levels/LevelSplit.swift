/// The widest gap of sorted values that leaves enough of them on both sides, against how the two sides scatter.
struct LevelSplit {
  /// Index of the first value above the gap.
  private(set) var index = 0
  private(set) var gap = 0.0
  /// The gap over the mean distance from the medians of the sides, where two medians took two values away; infinite for sides
  /// without any scatter.
  private(set) var statistic = 0.0

  /// - Parameters:
  ///   - sorted: at least twice as many as `leastBlocks`, and at least 3.
  ///   - leastBlocks: at least 1.
  init(_ sorted: [Double], leastBlocks: Int) {
    var sums = [0.0]
    for value in sorted { sums.append(sums[sums.count - 1] + value - sorted[0]) }
    /// Sum of the distances from the median.
    func scatter(_ low: Int, _ high: Int) -> Double {
      let half = (high - low) / 2
      return (sums[high] - sums[high - half]) - (sums[low + half] - sums[low])
    }
    for split in leastBlocks...(sorted.count - leastBlocks) {
      let gap = sorted[split] - sorted[split - 1]
      // What is left of the scatter of equal values is rounding.
      let within = max(0, scatter(0, split) + scatter(split, sorted.count)) / Double(sorted.count - 2)
      let statistic = gap > 0 ? gap / within : 0
      if statistic > self.statistic { (index, self.gap, self.statistic) = (split, gap, statistic) }
    }
  }
}
