import Testing

@testable import Statistics

@Suite("E-divisive change points")
struct EDivisiveTests {
  /// Gaussian noise around levels, each held for a number of values.
  private func series(_ levels: [(mean: Double, count: Int)], spread: Double, seed: UInt64) -> [Double] {
    var random = SeededRandom(seed: seed)
    return levels.flatMap { level in (0..<level.count).map { _ in level.mean + spread * random.normal() } }
  }

  @Test("Known breaks are found where they are")
  func knownBreaks() {
    let values = series([(0, 30), (3, 25), (1, 40)], spread: 0.5, seed: 11)
    let found = EDivisive().changePoints(in: values)
    #expect(found.map(\.index) == [30, 55])
    #expect(found.allSatisfy { $0.probability <= 0.05 })
  }

  @Test("A change of spread alone is a change")
  func changeOfSpread() {
    var random = SeededRandom(seed: 5)
    let values = (0..<120).map { 0.1 * random.normal() * ($0 < 60 ? 1 : 30) }
    let found = EDivisive().changePoints(in: values)
    #expect(found.count == 1)
    #expect(abs((found.first?.index ?? 0) - 60) <= 4)
  }

  @Test("Noise without a change seldom has a change point, and the share is the significance")
  func falseAlarms() {
    let alarms = (0..<100).count { seed in
      !EDivisive(permutations: 39).changePoints(in: series([(0, 24)], spread: 1, seed: UInt64(seed + 1))).isEmpty
    }
    // 100 trials at 5 %: more than 12 has a chance below 0.2 %.
    #expect(alarms <= 12)
  }

  @Test("No segment is shorter than the least, and a series too short for two has no change")
  func minimumSegment() {
    let values = [0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9.0]
    #expect(EDivisive(minimumSegment: 5).changePoints(in: values).allSatisfy { (5...7).contains($0.index) })
    #expect(EDivisive(minimumSegment: 3).changePoints(in: values).map(\.index) == [9])
    #expect(EDivisive(minimumSegment: 7).changePoints(in: values).isEmpty)
    #expect(EDivisive().changePoints(in: []).isEmpty)
    #expect(EDivisive().changePoints(in: [Double](repeating: 4, count: 50)).isEmpty)
  }

  @Test("The same series always gives the same answer")
  func repeatable() {
    let values = series([(0, 20), (1, 20)], spread: 0.6, seed: 3)
    #expect(EDivisive().changePoints(in: values) == EDivisive().changePoints(in: values))
  }

  @Test(
    "The strongest split and its statistic agree with the definition, written out in numpy",
    .enabled(if: SciPy.isPresent, "python3 with numpy and scipy is not here"))
  func agreesWithNumPy() throws {
    let values = series([(1, 18), (2.2, 14), (0.4, 16)], spread: 0.7, seed: 21)
    let text = values.map { "\($0)" }.joined(separator: ",")
    // Equations 5 to 8 of the paper with α = 1, every sum by itself; then the same inside the two halves.
    let lines = try SciPy.run(
      """
      import numpy as np
      z = np.array([\(text)])
      def q(x, y):
          n, m = len(x), len(y)
          between = np.abs(x[:, None] - y[None, :]).mean()
          within = lambda v: np.abs(v[:, None] - v[None, :])[np.triu_indices(len(v), 1)].mean()
          return m * n / (m + n) * (2 * between - within(x) - within(y))
      def best(v, least=5):
          found = [(q(v[:t], v[t:k]), t) for t in range(least, len(v) - least + 1) for k in range(t + least, len(v) + 1)]
          return max(found) if found else (0, 0)
      first = best(z)
      left, right = best(z[:first[1]]), best(z[first[1]:])
      second = max((left, 0), (right, first[1]))
      print(first[1], repr(float(first[0])))
      print(second[0][1] + second[1], repr(float(second[0][0])))
      """)
    let expected = lines.map { $0.split(separator: " ") }.map { (Int($0[0]) ?? -1, Double($0[1]) ?? .nan) }
    let found = EDivisive().changePoints(in: values)
    #expect(found.map(\.index) == expected.map(\.0).sorted())
    for (index, statistic) in expected {
      let own = try #require(found.first { $0.index == index })
      #expect(abs(own.statistic - statistic) <= 1e-9 * statistic)
    }
  }

  @Test(
    "The strongest split of a long series is the definition's, among right sides that end at a quarter of it",
    arguments: [7, 8])
  func longSeries(seed: UInt64) throws {
    var values = series([(0, 61), (0.8, 40), (0.2, 22)], spread: 0.7, seed: seed)
    // Values that come more than once.
    for index in stride(from: 0, to: values.count, by: 5) { values[index] = values[index].rounded() }
    func distances(_ one: Range<Int>, _ other: Range<Int>) -> Double {
      one.reduce(0) { sum, row in other.reduce(sum) { $0 + abs(values[row] - values[$1]) } }
    }
    var best = (index: 0, statistic: -Double.infinity)
    for quarter in 1...4 {
      let end = values.count * quarter / 4
      for index in 5..<values.count where end - index >= 5 {
        let (left, right) = (Double(index), Double(end - index))
        let statistic =
          left * right / (left + right)
          * (2 * distances(0..<index, index..<end) / (left * right)
            - distances(0..<index, 0..<index) / (left * (left - 1))
            - distances(index..<end, index..<end) / (right * (right - 1)))
        if statistic > best.statistic { best = (index, statistic) }
      }
    }
    let ranked = RankedSplit(values)
    let found = try #require(ranked.strongest(ranked.ranks, minimum: 5))
    #expect(found.index == best.index && abs(found.statistic - best.statistic) < 1e-9)
    #expect(ranked.strongest(Array(ranked.ranks.prefix(9)), minimum: 5) == nil)
  }

  @Test("A year's series: breaks are where they are, a spell of bad days is two, and steady ones have none")
  func aYear() {
    let steps = series([(0, 150), (0.5, 215)], spread: 0.4, seed: 31)
    let found = EDivisive().changePoints(in: steps)
    #expect(found.count == 1 && abs(found[0].index - 150) <= 5)
    let spell = series([(0, 200), (-2, 20), (0, 145)], spread: 0.5, seed: 32)
    #expect(EDivisive().changePoints(in: spell).map(\.index) == [200, 220])
    let alarms = (0..<40).count { seed in
      !EDivisive(permutations: 39).changePoints(in: series([(0, 365)], spread: 1, seed: UInt64(seed + 1))).isEmpty
    }
    // 40 trials at 5 %: more than 7 has a chance below 0.2 %.
    #expect(alarms <= 7)
  }
}
