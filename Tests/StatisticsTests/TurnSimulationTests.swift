import Foundation
import Statistics
import Testing

@Suite("Simulated turns")
struct TurnSimulationTests {
  private func logarithms(_ noise: TurnNoise, blocks: Int, rounds: Int, _ effect: SimulatedEffect = SimulatedEffect())
    -> (mode: [[Double]], reference: [[Double]])
  {
    var simulation = TurnSimulation(noise: noise, effect: effect, rounds: rounds, seed: 90)
    let made = simulation.blocks(blocks)
    return (made.map { $0.map { log($0.mode.figure) } }, made.map { $0.map { log($0.reference.figure) } })
  }

  @Test("The same seed makes the same blocks, another seed others")
  func repeatable() {
    let noise = TurnNoise.kinds[6].noise
    func made(_ seed: UInt64) -> [[PairedRound]] {
      var simulation = TurnSimulation(noise: noise, rounds: 5, seed: seed)
      return simulation.blocks(3)
    }
    #expect(made(1) == made(1))
    #expect(made(1) != made(2))
  }

  @Test("What a block shares is in both sides of it and in none of the ratios")
  func blockNoise() throws {
    var noise = TurnNoise()
    noise.block = 0.5
    let (mode, reference) = logarithms(noise, blocks: 400, rounds: 2)
    let distances = zip(mode.joined(), reference.joined()).map { abs($0 - $1) }
    #expect(distances.allSatisfy { $0 < 1e-12 })
    #expect(try abs(Sample(mode.map { $0[0] }).standardDeviation - 0.5) < 0.08)
  }

  @Test("A boot shifts all rounds of its block by the same, with the spread asked for")
  func bootNoise() throws {
    var noise = TurnNoise()
    noise.boot = 0.1
    let (mode, reference) = logarithms(noise, blocks: 800, rounds: 2)
    let first = zip(mode, reference).map { $0[0] - $1[0] }
    let second = zip(mode, reference).map { $0[1] - $1[1] }
    let moved = zip(first, second).map { abs($0 - $1) }
    #expect(moved.allSatisfy { $0 < 1e-12 })
    let spread = try Sample(first).standardDeviation
    #expect(abs(spread - 0.1 * 2.0.squareRoot()) < 0.015)
  }

  @Test("Turns scatter as asked for, with normal and with heavy tails", arguments: [nil, 5])
  func turnNoise(freedom: Int?) throws {
    var noise = TurnNoise()
    noise.turn = 0.1
    noise.turnFreedom = freedom
    let values = logarithms(noise, blocks: 1, rounds: 8000).mode[0]
    let sample = try Sample(values)
    #expect(abs(sample.standardDeviation - 0.1) < 0.01)
    // Beyond four standard deviations lie 6 in 100,000 of a normal distribution, 4 in 1000 of this t distribution.
    let far = values.count { abs($0) > 0.4 }
    #expect(freedom == nil ? far <= 4 : far > 8)
  }

  @Test("A drift goes on from turn to turn with the correlation asked for")
  func drift() throws {
    var noise = TurnNoise()
    noise.drift = 0.1
    noise.driftCorrelation = 0.8
    let (mode, reference) = logarithms(noise, blocks: 1, rounds: 8000)
    let products = zip(mode[0], reference[0]).map { $0 * $1 }
    #expect(try abs(Sample(mode[0]).standardDeviation - 0.1) < 0.015)
    // Mode and reference of a round are neighbours.
    let correlation = products.reduce(0, +) / 8000 / (0.1 * 0.1)
    #expect(abs(correlation - 0.8) < 0.15)
  }

  @Test("Bursts hit the share of turns that their chance and length make, and cost what they should")
  func bursts() {
    var noise = TurnNoise()
    noise.burstChance = 0.05
    noise.burstLength = 3
    noise.burstLoss = 0.2
    let values = logarithms(noise, blocks: 1, rounds: 8000)
    let hit = (values.mode[0] + values.reference[0]).filter { $0 < 0 }
    let share = Double(hit.count) / 16_000
    // In the long run: chance (1 − share) = share / length.
    #expect(abs(share - 0.15 / 1.15) < 0.02)
    let loss = hit.reduce(0, +) / Double(hit.count)
    #expect(abs(loss + 0.2) < 0.02)
  }

  @Test("The effect is the mode's alone: its ratio, its hiccups, and what both leave of the total")
  func effect() {
    let effect = SimulatedEffect(logRatio: -0.05, hiccupChance: 0.2, hiccupLoss: 1)
    let (mode, reference) = logarithms(TurnNoise(), blocks: 1, rounds: 8000, effect)
    #expect(reference[0].allSatisfy { $0 == 0 })
    #expect(Set(mode[0].map { ($0 * 1e6).rounded() }) == [-50_000, -1_050_000])
    let total = log(mode[0].reduce(0) { $0 + exp($1) } / 8000)
    #expect(abs(total - effect.totalLogRatio) < 0.02)
    let kept = 1 - 0.2 * (1 - exp(-1.0))
    #expect(abs(effect.totalLogRatio - (log(kept) - 0.05)) < 1e-12)
  }

  @Test("A level is a boot's, whole")
  func levels() {
    var noise = TurnNoise()
    noise.levelGap = 0.3
    noise.levelChance = 0.4
    let mode = logarithms(noise, blocks: 500, rounds: 3).mode
    #expect(mode.allSatisfy { Set($0).count == 1 })
    #expect(Set(mode.map { ($0[0] * 1e6).rounded() }) == [0, -300_000])
    let lower = Double(mode.count { $0[0] < 0 }) / 500
    #expect(abs(lower - 0.4) < 0.09)
  }
}

@Suite("Estimators under simulated noise")
struct EstimatorStudyTests {
  static let estimators: [RoundEstimator] = [.median, .hodgesLehmann, .trimmedMean()]

  @Test("95 % intervals of robust estimates hold the truth in 95 % of runs, whatever the noise", arguments: 0..<7)
  func coverage(kind: Int) {
    let (name, noise) = TurnNoise.kinds[kind]
    let runs = 250
    let outcomes = EstimatorStudy(noise: noise, blocks: 5, rounds: 16).outcomes(of: Self.estimators, runs: runs)
    for outcome in outcomes {
      let share = ClopperPearson.interval(successes: outcome.covered, trials: runs, level: 0.9999)
      #expect(share.contains(0.95), "\(name): \(outcome)")
      #expect(abs(outcome.meanLogRatio) < 0.004)
    }
  }

  @Test("Under bursts the robust intervals are less than half as wide as that of the sum")
  func width() {
    let outcomes = EstimatorStudy(noise: TurnNoise.kinds[3].noise, blocks: 5, rounds: 40).outcomes(
      of: [.sum] + Self.estimators, runs: 100)
    for robust in outcomes.dropFirst() { #expect(robust.meanHalfWidth < outcomes[0].meanHalfWidth / 2) }
  }

  @Test("A slowdown is found, and is nowhere found where there is none beyond the error")
  func power() {
    let noise = TurnNoise.kinds[3].noise
    let slow = EstimatorStudy(noise: noise, effect: SimulatedEffect(logRatio: log(0.98)), blocks: 10, rounds: 20)
    let outcome = slow.outcomes(of: [.trimmedMean()], runs: 100)[0]
    #expect(outcome.foundSlower >= 99)
    #expect(abs(outcome.meanLogRatio - log(0.98)) < 0.001)
    let even = EstimatorStudy(noise: noise, blocks: 10, rounds: 20).outcomes(of: [.trimmedMean()], runs: 200)[0]
    #expect(ClopperPearson.interval(successes: even.foundSlower, trials: 200, level: 0.9999).contains(0.025))
  }

  @Test("Hiccups of one mode are in the sum, not in the robust estimate, and the two are found to disagree")
  func hiccups() {
    var noise = TurnNoise()
    noise.turn = 0.02
    // 3 % of the turns lose half: 1.5 % of the throughput.
    let effect = SimulatedEffect(hiccupChance: 0.03, hiccupLoss: log(2))
    let outcomes = EstimatorStudy(noise: noise, effect: effect, blocks: 10, rounds: 40).outcomes(
      of: [.sum, .trimmedMean()], runs: 100)
    #expect(abs(outcomes[0].meanLogRatio - log(0.985)) < 0.002)
    #expect(abs(outcomes[1].meanLogRatio) < 0.003)
    #expect(outcomes[0].coveredTotal >= 88)
    #expect(outcomes[0].disagreed == 0 && outcomes[1].disagreed >= 95)
  }
}
