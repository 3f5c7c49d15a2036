import Foundation
import Statistics
import Testing

@Suite("Sequential looks")
struct SequentialDesignTests {
  struct Plan: CustomTestStringConvertible {
    let blocks: [Int]
    let alpha: Double
    let spending: ErrorSpending

    var testDescription: String { "\(blocks), \(alpha), \(spending.rawValue)" }

    init(_ blocks: [Int], _ alpha: Double, _ spending: ErrorSpending) {
      (self.blocks, self.alpha, self.spending) = (blocks, alpha, spending)
    }

    var design: SequentialDesign {
      get throws { try SequentialDesign(blocks: blocks, alpha: alpha, spending: spending) }
    }
  }

  @Test("Spending begins at nothing, ends at the whole error, and agrees with the published functions between")
  func spending() {
    for spending in ErrorSpending.allCases {
      #expect(spending.spent(at: 0, alpha: 0.05) == 0 && spending.spent(at: 1, alpha: 0.05) == 0.05)
    }
    // 2 − 2Φ(1.959963984540054 / √0.5) and 0.05 ln(1 + (e − 1) / 2).
    #expect(abs(ErrorSpending.obrienFleming.spent(at: 0.5, alpha: 0.05) - 0.005574596680784) < 1e-12)
    #expect(abs(ErrorSpending.pocock.spent(at: 0.5, alpha: 0.05) - 0.031005725347914) < 1e-12)
  }

  @Test(
    "The level of a second look is that of the joint distribution, integrated by SciPy in other coordinates",
    .enabled(if: SciPy.isPresent, "python3 with scipy is not here"))
  func secondLook() throws {
    let plans = [
      Plan([5, 10], 0.2, .pocock), Plan([7, 9], 0.05, .pocock), Plan([10, 20], 0.05, .obrienFleming),
      Plan([10, 40], 0.01, .pocock), Plan([9, 12], 0.05, .obrienFleming), Plan([50, 100], 0.05, .pocock),
    ]
    let designs = try plans.map { try $0.design }
    let rows = designs.map { design in
      let looks = design.looks.map { "\($0.blocks), \($0.level ?? 0)" }
      return "(\(looks.joined(separator: ", ")))"
    }
    // Cosine u of the first look, share R = sin² y of its square length, cosine v of what comes later.
    let lines = try SciPy.run(
      """
      import numpy as np, scipy.stats as s, scipy.special as f
      def cosine(level, k):
          t = s.t.ppf(1 - (1 - level) / 2, k - 1)
          return t / np.sqrt(t * t + k - 1)
      x, w = np.polynomial.legendre.leggauss(200)
      y, g = np.polynomial.legendre.leggauss(300)
      y = (y + 1) * np.pi / 4
      for n, first, N, second in [\(rows.joined(separator: ", "))]:
          m, first, second = N - n, cosine(first, n), cosine(second, N)
          u = (first * x)[:, None]
          density = np.exp(f.gammaln(n / 2) - f.gammaln((n - 1) / 2)) / np.sqrt(np.pi) * (1 - u * u) ** ((n - 3) / 2)
          share = g * np.sin(y) ** (n - 1) * np.cos(y) ** (m - 1)
          v = (second - np.sqrt(n / N) * np.sin(y) * u) / (np.sqrt(m / N) * np.cos(y))
          t = v * np.sqrt((m - 1) / np.maximum(1e-300, 1 - v * v))
          above = np.where(v >= 1, 0, np.where(v <= -1, 1, s.t.sf(t, m - 1)))
          print(repr(float(2 * (w * first * (density * above * share).sum(1)).sum() / share.sum())))
      """)
    #expect(lines.count == plans.count)
    for (line, design) in zip(lines, designs) {
      let crossing = try #require(Double(line))
      let spent = design.looks[1].spent - design.looks[0].spent
      #expect(abs(crossing - spent) < 0.002 * design.alpha, "\(design.looks)")
    }
  }

  @Test(
    "All looks together keep the error in simulated runs of a true null hypothesis",
    arguments: [
      Plan([5, 6, 7, 8], 0.05, .pocock), Plan([5, 6, 7, 8, 9, 10], 0.05, .obrienFleming),
      Plan([5, 10, 15], 0.05, .pocock), Plan([8, 12, 16], 0.01, .pocock),
    ])
  func level(plan: Plan) throws {
    let design = try plan.design
    var random = SeededRandom(seed: 41)
    let runs = 5000
    let crossed = try (0..<runs).count { _ in
      let values = (0..<(plan.blocks.last ?? 0)).map { _ in random.normal() }
      return try design.looks.contains { look in
        guard let level = look.level else { return false }
        return try Sample(Array(values[..<look.blocks])).interval(level: level)?.contains(0) == false
      }
    }
    let share = ClopperPearson.interval(successes: crossed, trials: runs, level: 0.999)
    #expect(share.contains(plan.alpha), "\(crossed) of \(runs)")
  }

  @Test("A single look has the level of no looks at all")
  func singleLook() throws {
    let design = try SequentialDesign(blocks: [10], alpha: 0.05, spending: .pocock)
    #expect(abs((design.looks[0].level ?? 0) - 0.95) < 1e-9)
  }

  @Test("A look too early to decide at its level leaves its error to the next")
  func earlyLooks() throws {
    let design = try SequentialDesign(blocks: [1, 3, 6, 12], alpha: 0.05, spending: .obrienFleming)
    // At half, 0.0056 is spent: 8 blocks would be needed for a level so high.
    #expect(design.looks.map { $0.level == nil } == [true, true, true, false])
    #expect(design.looks.map(\.spent) == [0, 0, 0, 0.05])
    #expect(abs((design.looks[3].level ?? 0) - 0.95) < 1e-9)
    let even = try SequentialDesign(blocks: [3, 6, 12], alpha: 0.05, spending: .pocock)
    #expect(even.looks.map { $0.level == nil } == [true, false, false])
    #expect(abs((even.looks[1].level ?? 0) - (1 - 0.031005725347914)) < 1e-9)
    for look in even.looks {
      guard let level = look.level else { continue }
      #expect(look.blocks >= NonInferiority.minimumBlocks(level: level))
    }
  }

  @Test("The interval of a look is taken at the look's level and holds at that of all looks")
  func repeatedInterval() throws {
    let design = try SequentialDesign(blocks: [3, 6, 12], alpha: 0.05, spending: .pocock)
    let ratio = try PairedLogRatio(logarithms: [0.01, 0.03, 0.02, 0.01, 0.04, 0.02])
    let estimate = try #require(RatioEstimate(ratio))
    let interval = try #require(design.interval(estimate, look: 1))
    let nominal = try #require(ratio.interval(level: design.looks[1].level ?? 0))
    #expect(abs(interval.low - nominal.low) < 1e-12 && abs(interval.high - nominal.high) < 1e-12)
    #expect(interval.level == 0.95)
    #expect(design.interval(estimate, look: 0) == nil)
  }

  @Test("O'Brien-Fleming spending leaves the last look nearly the whole error, Pocock spending does not")
  func lastLook() throws {
    let blocks = [8, 16, 24, 32, 40]
    let late = try #require(SequentialDesign(blocks: blocks, alpha: 0.05, spending: .obrienFleming).looks[4].level)
    let even = try #require(SequentialDesign(blocks: blocks, alpha: 0.05, spending: .pocock).looks[4].level)
    #expect((0.955..<0.965).contains(late))
    #expect((0.98..<0.99).contains(even))
  }

  @Test("Too few blocks for any decision are an error")
  func tooFewBlocks() {
    #expect(throws: StatisticsError.tooFewBlocks(have: 6, need: 7, level: 0.99)) {
      try SequentialDesign(blocks: [5, 6], alpha: 0.01, spending: .pocock)
    }
  }

  @Test("Shares become block counts, rounded up, the last always all of them")
  func shares() {
    #expect(SequentialDesign.blocks(at: [0.25, 0.5, 0.75, 1], maximum: 20) == [5, 10, 15, 20])
    #expect(SequentialDesign.blocks(at: [0.3, 0.34, 0.35], maximum: 10) == [3, 4, 10])
  }
}

@Suite("Futility")
struct FutilityTests {
  private func design() throws -> SequentialDesign {
    try SequentialDesign(blocks: [10, 20], alpha: 0.05, spending: .obrienFleming)
  }

  @Test("Conditional power is how often simulated blocks go on to a decision")
  func conditionalPower() throws {
    let design = try design()
    var random = SeededRandom(seed: 6)
    let first = (0..<10).map { 0.004 + 0.02 * (Double($0) - 4.5) / 3 }
    let sample = try Sample(first)
    let level = try #require(design.looks[1].level)
    let promised = design.conditionalPower(sample, bound: 0, mean: 0.012)
    let runs = 4000
    let decided = try (0..<runs).count { _ in
      let rest = (0..<10).map { _ in 0.012 + sample.standardDeviation * random.normal() }
      return try Sample(first + rest).interval(level: level)?.contains(0) == false
    }
    #expect(abs(Double(decided) / Double(runs) - promised) < 0.04, "\(decided) of \(runs), \(promised)")
    #expect((0.2..<0.9).contains(promised))
  }

  @Test(
    "Predictive power is the conditional power averaged over what is known of mean and spread",
    .enabled(if: SciPy.isPresent, "python3 with scipy is not here"))
  func predictivePower() throws {
    let design = try design()
    let sample = try Sample((0..<10).map { 0.004 + 0.01 * Double($0 % 3 - 1) })
    let lines = try SciPy.run(
      """
      import scipy.stats as s
      m, sd, level = \(sample.mean), \(sample.standardDeviation), \(design.looks[1].level ?? 0)
      reach = s.t.ppf(1 - (1 - level) / 2, 19) * sd / 20 ** .5
      rest = s.t(9, m, sd * (1 / 10 + 1 / 10) ** .5)
      print(repr(float(rest.sf(2 * reach - m) + rest.cdf(-2 * reach - m))))
      """)
    let expected = try #require(Double(lines[0]))
    #expect(abs(design.predictivePower(sample, bound: 0) - expected) < 1e-9)
    let shifted = try Sample((0..<10).map { 1.004 + 0.01 * Double($0 % 3 - 1) })
    #expect(abs(design.predictivePower(shifted, bound: 1) - expected) < 1e-9)
  }

  @Test("What is decided is certain, what sits on its bound is hopeless, and nothing is given up too early")
  func rule() throws {
    let design = try design()
    let onBound = try Sample([1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1])
    let far = try Sample((0..<16).map { 9 + Double($0 % 2) })
    let rule = Futility(leastPower: 0.1)
    #expect(rule.isHopeless(onBound, bound: 0, design))
    #expect(!rule.isHopeless(far, bound: 0, design))
    #expect(design.predictivePower(far, bound: 0) > 0.999)
    #expect(!Futility(leastPower: 0.1, earliest: 17).isHopeless(onBound, bound: 0, design))
    // Without scatter, or without blocks to come, the answer is known.
    #expect(try design.predictivePower(Sample([1, 1, 1]), bound: 0) == 1)
    #expect(try design.predictivePower(Sample([1, 1, 1]), bound: 1) == 0)
    #expect(try design.conditionalPower(Sample((0..<20).map { Double($0 % 2) - 0.5 }), bound: 0, mean: 9) == 0)
  }

  @Test("The rule gives up most comparisons that lie on their bound, and hardly one that would be decided")
  func outcome() throws {
    let design = try SequentialDesign(blocks: [5, 10, 15, 20], alpha: 0.05, spending: .obrienFleming)
    let rule = Futility()
    var random = SeededRandom(seed: 12)
    func givenUp(_ mean: Double) throws -> (lost: Int, hopeless: Int) {
      var result = (lost: 0, hopeless: 0)
      for _ in 0..<400 {
        let values = (0..<20).map { _ in mean + random.normal() }
        let stopped = try design.looks.dropLast().contains { look in
          try rule.isHopeless(Sample(Array(values[..<look.blocks])), bound: 0, design)
        }
        guard stopped else { continue }
        result.hopeless += 1
        let level = design.looks[3].level ?? 0.95
        if try Sample(values).interval(level: level)?.contains(0) == false { result.lost += 1 }
      }
      return result
    }
    #expect(try givenUp(0).hopeless > 240)
    // An effect that all blocks find in nine of ten runs.
    #expect(try givenUp(0.78).lost < 24)
  }
}
