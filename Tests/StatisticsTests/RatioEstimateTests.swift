import Foundation
import Statistics
import Testing

@Suite("Ratio estimates")
struct RatioEstimateTests {
  static let one = [5.1, 4.9, 5.6, 4.7, 5.3, 5.0]
  static let other = [4.4, 4.6, 3.9, 4.8]

  @Test("Paired blocks give what the paired interval gives")
  func paired() throws {
    let ratio = try PairedLogRatio(mode: Self.one, reference: [5, 5, 5, 5, 5, 5], higherIsBetter: true)
    let estimate = try #require(RatioEstimate(ratio))
    let interval = try #require(ratio.interval(level: 0.95))
    #expect(abs(estimate.ratio - ratio.estimate) < 1e-12)
    #expect(abs(estimate.interval(level: 0.95).low - interval.low) < 1e-12)
    #expect(try abs(estimate.probability(below: 0.9) - (#require(ratio.probability(below: 0.9)))) < 1e-12)
    #expect(abs(estimate.probability(below: 1) + estimate.probability(atLeast: 1) - 1) < 1e-12)
  }

  @Test("Welch's t agrees with SciPy", .enabled(if: SciPy.isPresent, "python3 with scipy is not here"))
  func welch() throws {
    let lines = try SciPy.run(
      """
      import scipy.stats as s
      r = s.ttest_ind(\(Self.one), \(Self.other), equal_var=False, alternative='less')
      i = s.ttest_ind(\(Self.one), \(Self.other), equal_var=False).confidence_interval(0.9)
      print(repr(float(r.pvalue)), repr(float(r.df)), repr(float(i.low)), repr(float(i.high)))
      """)
    let expected = lines[0].split(separator: " ").compactMap { Double($0) }
    let estimate = try #require(RatioEstimate(mode: Sample(Self.one), reference: Sample(Self.other)))
    let interval = estimate.interval(level: 0.9)
    let found = [estimate.probability(atLeast: 1), estimate.degreesOfFreedom, log(interval.low), log(interval.high)]
    for (one, other) in zip(found, expected) { #expect(abs(one - other) < 1e-9 * max(1, abs(other))) }
    #expect(expected.count == 4)
  }

  @Test("Without scatter the estimate itself decides, and a single block gives none")
  func degenerate() throws {
    let flat = try #require(RatioEstimate(mode: Sample([1, 1]), reference: Sample([1, 1])))
    #expect(flat.probability(below: 1) == 0 && flat.probability(atLeast: 1) == 1 && flat.interval(level: 0.9).low == 1)
    #expect(try RatioEstimate(mode: Sample([1]), reference: Sample([1, 2])) == nil)
  }
}

@Suite("Planning of blocks")
struct BlockPlanningTests {
  @Test("The least blocks: 5, or as many as even the clearest data need")
  func minima() {
    #expect(BlockPlanning.minimumPaired(alpha: 0.05) == 5 && BlockPlanning.minimumPaired(alpha: 0.01) == 7)
    // 1 in 252 for five and five, 1 in 924 for six and six.
    #expect(BlockPlanning.minimumUnpaired(alpha: 0.01) == 5 && BlockPlanning.minimumUnpaired(alpha: 0.002) == 6)
  }

  @Test(
    "The planned number has the power it promises, by the noncentral t of SciPy",
    .enabled(if: SciPy.isPresent, "python3 with scipy is not here"), arguments: [0.01, 0.02, 0.05])
  func power(distance: Double) throws {
    let blocks = try #require(BlockPlanning.blocks(distance: distance, spread: 0.03, alpha: 0.025))
    let lines = try SciPy.run(
      """
      import scipy.stats as s
      f = \(blocks) - 1
      print(1 - s.nct.cdf(s.t.ppf(0.975, f), f, \(distance) / 0.03 * \(blocks) ** 0.5))
      """)
    let power = try #require(Double(lines[0]))
    #expect(power > 0.78 && (power < 0.85 || blocks == 6))
  }

  @Test("No distance is never decided, no scatter at once")
  func extremes() {
    #expect(BlockPlanning.blocks(distance: 0, spread: 0.01, alpha: 0.025) == nil)
    #expect(BlockPlanning.blocks(distance: 0.1, spread: 0, alpha: 0.025) == BlockPlanning.minimumPaired(alpha: 0.025))
  }
}
