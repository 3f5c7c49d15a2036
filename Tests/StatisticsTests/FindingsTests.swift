import Foundation
import Statistics
import Testing

@Suite("Replication")
struct ReplicationTests {
  @Test("The index is what both found over what either found")
  func index() {
    let one = Replication(first: ["a", "b", "c"], second: ["b", "c", "d"])
    #expect(one.both == 2 && one.onlyFirst == 1 && one.onlySecond == 1)
    #expect(one.jaccard == 0.5)
    #expect(Replication(first: Set([1]), second: [1]).jaccard == 1)
    #expect(Replication(first: Set([1]), second: [2]).jaccard == 0)
  }

  @Test("Two runs without a finding have no index, and do not count among pairs that have one")
  func nothingFound() {
    let none = Replication(first: Set<Int>(), second: [])
    #expect(none.jaccard == nil)
    let half = Replication(first: Set([1, 2]), second: [1])
    let pairs = Replication(pairs: [none, half, Replication(first: [], second: [7])])
    // 1 of 3 findings.
    #expect(pairs.jaccard == 1.0 / 3)
  }
}

@Suite("Pooled comparison")
struct PooledComparisonTests {
  /// Siblings with slowdowns, the blocks' noise shared by half.
  private func siblings(_ effects: [Double], blocks: Int, _ random: inout SeededRandom) throws -> PooledComparison {
    let shared = (0..<blocks).map { _ in 0.02 * random.normal() }
    return try PooledComparison(
      effects.map { effect in
        try PairedLogRatio(logarithms: shared.map { effect + $0 + 0.02 * random.normal() })
      })
  }

  @Test("The pooled figure of a block is the mean of its siblings, and its test the paired t")
  func byHand() throws {
    let one = try PairedLogRatio(logarithms: [-0.03, -0.01, -0.02, -0.05, -0.01, -0.02])
    let other = try PairedLogRatio(logarithms: [0.01, -0.01, 0, -0.01, -0.01, -0.02])
    let pooled = try PooledComparison([one, other])
    for (found, expected) in zip(pooled.pooled.logarithms, [-0.01, -0.01, -0.01, -0.03, -0.01, -0.02]) {
      #expect(abs(found - expected) < 1e-15)
    }
    let findings = try pooled.findings(alpha: 0.05)
    // Mean −0.015, s = √(7e-5), 6 blocks: t = −0.015 / (s / √6) = −4.39155; P(T(5) ≤ t) = 0.00354.
    #expect(abs(findings.probability - 0.00354) < 1e-5)
    #expect(findings.isCostly && findings.isPooledCostly && findings.costly == [0])
    #expect(abs(findings.adjusted[0] - 2 * (RatioEstimate(one)?.probability(atLeast: 1) ?? 0)) < 1e-15)
  }

  @Test("Siblings that share a small cost show it together where hardly one shows it alone")
  func power() throws {
    var random = SeededRandom(seed: 31)
    var (together, alone) = (0, 0)
    for _ in 0..<300 {
      let blocks = (0..<6).map { _ in (0..<10).map { _ in -0.015 + 0.03 * random.normal() } }
      let comparison = try PooledComparison(blocks.map { try PairedLogRatio(logarithms: $0) })
      let findings = try comparison.findings(alpha: 0.01)
      if findings.isPooledCostly { together += 1 }
      if findings.adjusted.contains(where: { $0 <= 0.01 }) { alone += 1 }
    }
    #expect(together > 200 && alone < 100, "\(together), \(alone)")
  }

  @Test("A cost of one sibling is found although the others make up for it")
  func singleCost() throws {
    var random = SeededRandom(seed: 34)
    let found = try (0..<200).count { _ in
      let findings = try siblings([-0.12, 0.03, 0.03, 0.03, 0.03], blocks: 10, &random).findings(alpha: 0.01)
      return findings.isCostly && !findings.isPooledCostly && findings.costly == [0]
    }
    #expect(found > 180)
  }

  @Test("Siblings without a cost raise an alarm no more often than the error allows, correlated or not")
  func falseAlarms() throws {
    var random = SeededRandom(seed: 32)
    var (pooled, any) = (0, 0)
    for _ in 0..<2000 {
      let findings = try siblings([0, 0, 0, 0], blocks: 8, &random).findings(alpha: 0.05)
      if findings.isPooledCostly { pooled += 1 }
      if findings.isCostly { any += 1 }
    }
    #expect(ClopperPearson.interval(successes: pooled, trials: 2000, level: 0.999).contains(0.025))
    #expect(ClopperPearson.interval(successes: any, trials: 2000, level: 0.999).low <= 0.05 && any > pooled)
  }

  @Test("A cost of one sibling is not laid at the others' door more often than the error allows")
  func culprit() throws {
    var random = SeededRandom(seed: 33)
    var (found, wrong) = (0, 0)
    for _ in 0..<500 {
      let findings = try siblings([-0.2, 0, 0, 0], blocks: 8, &random).findings(alpha: 0.05)
      if findings.costly.contains(0) { found += 1 }
      if findings.costly.contains(where: { $0 > 0 }) { wrong += 1 }
    }
    #expect(found > 450 && wrong <= 45, "\(found), \(wrong)")
  }

  @Test("Siblings of other blocks, and too few blocks, are refused")
  func refusals() throws {
    let five = try PairedLogRatio(logarithms: [1, 2, 3, 4, 5])
    let four = try PairedLogRatio(logarithms: [1, 2, 3, 4])
    #expect(throws: StatisticsError.unpaired(left: 5, right: 4)) { try PooledComparison([five, four]) }
    #expect(throws: StatisticsError.tooFewBlocks(have: 5, need: 8, level: 0.995)) {
      try PooledComparison([five]).findings(alpha: 0.01)
    }
  }
}

@Suite("Difference of two runs")
struct RunDifferenceTests {
  /// Runs of 12 blocks whose host was faster by `drift` in the second, and whose mode was slower by `change`.
  private func runs(drift: Double, change: Double, both: Double = 0) -> (RunDifference.Run, RunDifference.Run) {
    var random = SeededRandom(seed: 51)
    func run(_ shift: Double, _ change: Double) -> RunDifference.Run {
      let shared = (0..<12).map { _ in shift + 0.05 * random.normal() }
      return RunDifference.Run(
        mode: shared.map { 900 * exp($0 + change + 0.005 * random.normal()) },
        reference: shared.map { 1000 * exp($0 + 0.005 * random.normal()) })
    }
    return (run(0, 0), run(drift + both, change))
  }

  @Test("What drifted between the runs is in the raw figures and the reference, and cancels in the ratio of ratios")
  func drift() throws {
    let (base, head) = runs(drift: -0.3, change: 0)
    let difference = try RunDifference(base: base, head: head, higherIsBetter: true)
    #expect(difference.raw.interval(level: 0.99).high < 0.9)
    #expect(difference.reference.interval(level: 0.99).high < 0.9)
    #expect(difference.relative.interval(level: 0.99).contains(1))
    #expect(difference.relative.standardError < difference.raw.standardError / 4)
    #expect(abs(difference.relative.mean + difference.reference.mean - difference.raw.mean) < 1e-12)
  }

  @Test("A change of the mode shows in the ratio of ratios through the drift")
  func change() throws {
    let (base, head) = runs(drift: 0.3, change: -0.05)
    let difference = try RunDifference(base: base, head: head, higherIsBetter: true)
    #expect(difference.relative.interval(level: 0.99).high < 1)
    #expect(difference.relative.interval(level: 0.99).contains(exp(-0.05)))
    let turned = try RunDifference(base: base, head: head, higherIsBetter: false)
    #expect(abs(turned.relative.mean + difference.relative.mean) < 1e-12)
    #expect(abs(turned.raw.mean + difference.raw.mean) < 1e-12)
  }

  @Test(
    "It is Welch's t on the logarithms of the blocks",
    .enabled(if: SciPy.isPresent, "python3 with scipy is not here"))
  func welch() throws {
    let (base, head) = runs(drift: 0.1, change: -0.01)
    func list(_ values: [Double]) -> String { values.map { "\($0)" }.joined(separator: ",") }
    let lines = try SciPy.run(
      """
      import numpy as np, scipy.stats as s
      bm, br, hm, hr = (np.log(np.array(x)) for x in
          [[\(list(base.mode))], [\(list(base.reference))], [\(list(head.mode))], [\(list(head.reference))]])
      for one, other in [(hm - hr, bm - br), (hm, bm), (hr, br)]:
          r = s.ttest_ind(one, other, equal_var=False)
          i = r.confidence_interval(0.95)
          print(repr(float(i.low)), repr(float(i.high)))
      """)
    let difference = try RunDifference(base: base, head: head, higherIsBetter: true)
    try #require(lines.count == 3)
    for (line, estimate) in zip(lines, [difference.relative, difference.raw, difference.reference]) {
      let expected = line.split(separator: " ").compactMap { Double($0) }
      let interval = estimate.interval(level: 0.95)
      #expect(abs(log(interval.low) - expected[0]) < 1e-9 && abs(log(interval.high) - expected[1]) < 1e-9)
    }
  }

  @Test("A single block on either side is refused")
  func refusal() {
    let one = RunDifference.Run(mode: [1], reference: [1])
    let two = RunDifference.Run(mode: [1, 2], reference: [1, 1])
    #expect(throws: StatisticsError.tooFewBlocks(have: 1, need: 2, level: 0)) {
      try RunDifference(base: one, head: two, higherIsBetter: true)
    }
    #expect(throws: StatisticsError.unpaired(left: 2, right: 1)) {
      try RunDifference(base: two, head: RunDifference.Run(mode: [1, 2], reference: [1]), higherIsBetter: true)
    }
  }
}
