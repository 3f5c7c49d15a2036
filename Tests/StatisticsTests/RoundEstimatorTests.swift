import Foundation
import Statistics
import Testing

@Suite("Estimates from rounds")
struct RoundEstimatorTests {
  static let all: [RoundEstimator] = [.sum, .median, .hodgesLehmann, .trimmedMean(), .trimmedMean(fraction: 0.25)]

  /// Rounds whose reference shows 1.
  private func rounds(_ logarithms: [Double]) -> [PairedRound] {
    logarithms.map { PairedRound(mode: PairedRound.Turn(metric: exp($0)), reference: PairedRound.Turn(metric: 1)) }
  }

  @Test("The sum is the ratio of all operations to all the time, not the mean of the rounds' ratios")
  func sumByHand() throws {
    let rounds = [
      PairedRound(
        mode: PairedRound.Turn(operations: 100, nanoseconds: 2000),
        reference: PairedRound.Turn(operations: 100, nanoseconds: 1000)),
      PairedRound(
        mode: PairedRound.Turn(operations: 300, nanoseconds: 2000),
        reference: PairedRound.Turn(operations: 400, nanoseconds: 1000)),
    ]
    // 400/4000 over 500/2000.
    let ratio = try RoundEstimator.sum.logRatio(of: rounds, higherIsBetter: true)
    #expect(abs(ratio - log(0.4)) < 1e-15)
  }

  @Test(
    "A ratio that all rounds share is what every estimator gives, turned over where lower is better", arguments: all)
  func commonRatio(estimator: RoundEstimator) throws {
    let rounds = rounds([Double](repeating: 0.3, count: 7))
    #expect(try abs(estimator.logRatio(of: rounds, higherIsBetter: true) - 0.3) < 1e-15)
    #expect(try abs(estimator.logRatio(of: rounds, higherIsBetter: false) + 0.3) < 1e-15)
  }

  @Test("A round in ten that loses everything moves the sum and none of the others", arguments: all)
  func resistance(estimator: RoundEstimator) throws {
    let rounds = rounds([Double](repeating: 0, count: 18) + [-5, -5])
    let ratio = try estimator.logRatio(of: rounds, higherIsBetter: true)
    let expected = estimator == .sum ? log((18 + 2 * exp(-5.0)) / 20) : 0
    #expect(abs(ratio - expected) < 1e-12)
  }

  @Test(
    "Median, trimmed means and Hodges-Lehmann agree with SciPy and with all pairs written out",
    .enabled(if: SciPy.isPresent, "python3 with scipy is not here"))
  func agreesWithSciPy() throws {
    var random = SeededRandom(seed: 3)
    let samples = [1, 2, 3, 9, 10, 40, 41].map { count in
      (0..<count).map { _ in random.studentT(degreesOfFreedom: 2) }
    }
    // Ties, zeros of both signs, and numbers close to 0.
    let special = [[0, -0.0, 1, 1, -1], [1e-300, -1e-300, 1e-10, 0], [-3, -3, -2, -1]]
    let lists = (samples + special).map { "[\($0.map { "\($0)" }.joined(separator: ","))]" }
    let lines = try SciPy.run(
      """
      import numpy as np, scipy.stats as s
      for v in [\(lists.joined(separator: ","))]:
          v = np.array(v)
          i, j = np.triu_indices(len(v))
          print(*(repr(float(x)) for x in [np.median(v), np.median((v[i] + v[j]) / 2), s.trim_mean(v, .1), s.trim_mean(v, .25)]))
      """)
    try #require(lines.count == lists.count)
    for (line, sample) in zip(lines, samples + special) {
      let expected = line.split(separator: " ").compactMap { Double($0) }
      try #require(expected.count == 4)
      let found = try Self.all.dropFirst().map { try $0.logRatio(of: rounds(sample), higherIsBetter: true) }
      for (one, other) in zip(found, expected) { #expect(abs(one - other) < 1e-12, "\(sample)") }
    }
  }

  @Test("No round, and a round without a logarithm, are errors that name the round", arguments: all)
  func refusals(estimator: RoundEstimator) {
    #expect(throws: StatisticsError.noRounds) { try estimator.logRatio(of: [], higherIsBetter: true) }
    let zero = [
      PairedRound(mode: PairedRound.Turn(metric: 1), reference: PairedRound.Turn(metric: 2)),
      PairedRound(
        mode: PairedRound.Turn(operations: 0, nanoseconds: 5),
        reference: PairedRound.Turn(operations: 1, nanoseconds: 5)),
    ]
    #expect(throws: StatisticsError.notPositive(index: 1, value: 0)) {
      try estimator.logRatio(of: zero, higherIsBetter: true)
    }
    let noTime = [
      PairedRound(
        mode: PairedRound.Turn(metric: 1), reference: PairedRound.Turn(operations: 1, nanoseconds: 0))
    ]
    #expect(throws: StatisticsError.notPositive(index: 0, value: .infinity)) {
      try estimator.logRatio(of: noTime, higherIsBetter: true)
    }
  }

  @Test("Parts of a block are its stretches in order, none left out")
  func parts() throws {
    let parts = try RoundEstimator.trimmedMean(fraction: 0).logRatios(
      of: rounds([1, 2, 3, 4, 5, 6, 7]), parts: 3, higherIsBetter: true)
    for (part, expected) in zip(parts, [1.5, 3.5, 6]) { #expect(abs(part - expected) < 1e-12) }
    #expect(parts.count == 3)
    #expect(throws: StatisticsError.noRounds) {
      try RoundEstimator.sum.logRatios(of: rounds([1]), parts: 2, higherIsBetter: true)
    }
  }

  @Test("Blocks become a paired ratio, as the paired figures of each block would")
  func blocks() throws {
    let ratio = try RoundEstimator.median.logRatio(
      ofBlocks: [rounds([0.1, 0.2, 0.3]), rounds([0.4])], higherIsBetter: true)
    #expect(ratio.blocks == 2 && abs(ratio.sample.mean - 0.3) < 1e-12)
    let paired = try PairedLogRatio(mode: [exp(0.2), exp(0.4)], reference: [1, 1], higherIsBetter: true)
    #expect(zip(ratio.logarithms, paired.logarithms).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test("Names say what was done")
  func names() {
    #expect(
      Self.all.map(\.description) == [
        "sum", "median", "Hodges-Lehmann", "mean trimmed by 10.0 %", "mean trimmed by 25.0 %",
      ])
  }
}

@Suite("Plain against robust")
struct EstimatorDisagreementTests {
  private func blocks(_ count: Int, _ effect: SimulatedEffect, seed: UInt64) -> [[PairedRound]] {
    var noise = TurnNoise()
    noise.turn = 0.02
    noise.burstChance = 0.02
    noise.burstLoss = 0.3
    var simulation = TurnSimulation(noise: noise, effect: effect, rounds: 40, seed: seed)
    return simulation.blocks(count)
  }

  @Test("Hiccups of the mode alone are told from those of both, and their cost is in the interval")
  func hiccups() throws {
    // A hiccup in one turn of ten that costs half of it: 5 % of all.
    let effect = SimulatedEffect(hiccupChance: 0.1, hiccupLoss: log(2))
    let own = try EstimatorDisagreement(ofBlocks: blocks(20, effect, seed: 1), robust: .median, higherIsBetter: true)
    let shared = try EstimatorDisagreement(
      ofBlocks: blocks(20, SimulatedEffect(), seed: 2), robust: .median, higherIsBetter: true)
    #expect(try own.isBeyondNoise(level: 0.99))
    #expect(try own.isBeyondNoise(level: 0.99, tolerance: 0.01))
    #expect(try !own.isBeyondNoise(level: 0.99, tolerance: 0.1))
    #expect(try #require(own.interval(level: 0.99)).contains(log(0.95)))
    #expect(try !shared.isBeyondNoise(level: 0.99))
  }

  @Test("It is the difference of the two estimates, block by block, and turns over with them")
  func definition() throws {
    let blocks = blocks(6, SimulatedEffect(), seed: 3)
    let plain = try RoundEstimator.sum.logRatio(ofBlocks: blocks, higherIsBetter: true).sample.mean
    let robust = try RoundEstimator.trimmedMean().logRatio(ofBlocks: blocks, higherIsBetter: true).sample.mean
    let higher = try EstimatorDisagreement(ofBlocks: blocks, robust: .trimmedMean(), higherIsBetter: true)
    let lower = try EstimatorDisagreement(ofBlocks: blocks, robust: .trimmedMean(), higherIsBetter: false)
    #expect(abs(higher.difference.mean - (plain - robust)) < 1e-12)
    #expect(abs(lower.difference.mean + higher.difference.mean) < 1e-12)
  }

  @Test("Too few blocks cannot disagree")
  func tooFewBlocks() throws {
    let few = try EstimatorDisagreement(
      ofBlocks: blocks(4, SimulatedEffect(), seed: 4), robust: .median, higherIsBetter: true)
    #expect(throws: StatisticsError.tooFewBlocks(have: 4, need: 5, level: 0.95)) { try few.isBeyondNoise(level: 0.95) }
    #expect(throws: StatisticsError.tooFewBlocks(have: 0, need: 1, level: 0)) {
      try EstimatorDisagreement(ofBlocks: [], robust: .median, higherIsBetter: true)
    }
  }
}
