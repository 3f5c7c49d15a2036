import Foundation
import Statistics
import Testing

@Suite("Allotment of time")
struct AllotmentTests {
  static let block = Allotment.Stage(variance: 2e-5, seconds: 0.3, allowed: 5...200)
  static let boot = Allotment.Stage(variance: 6e-5, seconds: 0.15, allowed: 1...6)
  static let round = Allotment.Stage(variance: 9e-4, seconds: 0.01, allowed: 4...60)

  @Test("No other numbers that fit into the time see a smaller effect", arguments: [5.0, 12, 31])
  func isBest(seconds: Double) throws {
    let found = try #require(
      Allotment(block: Self.block, boot: Self.boot, round: Self.round, seconds: seconds, alpha: 0.025))
    var best = Double.infinity
    for blocks in 6...60 {
      for boots in 1...6 {
        for rounds in 4...60 {
          let cost = Double(blocks) * (0.3 + Double(boots) * (0.15 + Double(rounds) * 0.01))
          if cost > seconds { break }
          let variance = 2e-5 + (6e-5 + 9e-4 / Double(rounds)) / Double(boots)
          // Few are worth a t quantile.
          if 2.8 * (variance / Double(blocks)).squareRoot() > best { continue }
          best = min(
            best,
            DetectableEffect.relative(spread: variance.squareRoot(), blocks: blocks, alpha: 0.025, power: 0.8))
        }
      }
    }
    #expect(abs(found.effect - best) < 1e-12)
    #expect(found.seconds <= seconds + 1e-9)
    let variance = 2e-5 + (6e-5 + 9e-4 / Double(found.rounds)) / Double(found.boots)
    #expect(abs(found.spread - variance.squareRoot()) < 1e-12)
  }

  @Test(
    "With much time the repetitions are those of Kalibera and Jones, and a hundredfold time sees a tenth of the effect")
  func asymptotic() throws {
    // √(0.15 / 0.01 × 9e-4 / 6e-5) = 15 rounds, √(0.3 / 0.15 × 6e-5 / 2e-5) = 2.45 boots.
    let block = Allotment.Stage(variance: 2e-5, seconds: 0.3, allowed: 5...2000)
    let long = try #require(Allotment(block: block, boot: Self.boot, round: Self.round, seconds: 1000, alpha: 0.025))
    #expect((13...17).contains(long.rounds) && (2...3).contains(long.boots))
    let short = try #require(Allotment(block: block, boot: Self.boot, round: Self.round, seconds: 10, alpha: 0.025))
    #expect((0.08...0.1).contains(long.effect / short.effect))
  }

  @Test("Boots that all agree are not repeated, and rounds that all agree are not either")
  func stillStages() throws {
    let still = Allotment.Stage(variance: 0, seconds: 0.15, allowed: 1...6)
    let sameBoots = try #require(
      Allotment(block: Self.block, boot: still, round: Self.round, seconds: 20, alpha: 0.025))
    #expect(sameBoots.boots == 1)
    let sameRounds = try #require(
      Allotment(
        block: Self.block, boot: Self.boot, round: Allotment.Stage(variance: 0, seconds: 0.01, allowed: 4...60),
        seconds: 20, alpha: 0.025))
    #expect(sameRounds.rounds <= 5)
  }

  @Test("A time that does not hold the least of everything has no allotment")
  func tooShort() {
    // Six blocks of 0.3 + 0.15 + 0.04 s.
    #expect(Allotment(block: Self.block, boot: Self.boot, round: Self.round, seconds: 2.93, alpha: 0.025) == nil)
    #expect(Allotment(block: Self.block, boot: Self.boot, round: Self.round, seconds: 2.95, alpha: 0.025)?.blocks == 6)
  }

  @Test("An allotted run finds the promised effect about as often as promised")
  func promise() throws {
    let found = try #require(
      Allotment(block: Self.block, boot: Self.boot, round: Self.round, seconds: 10, alpha: 0.025))
    var random = SeededRandom(seed: 17)
    let runs = 1500
    let seen = try (0..<runs).count { _ in
      let logarithms = (0..<found.blocks).map { _ in
        let boots = (0..<found.boots).reduce(0.0) { sum, _ in
          sum + 6e-5.squareRoot() * random.normal() + (9e-4 / Double(found.rounds)).squareRoot() * random.normal()
        }
        return log(1 - found.effect) + 2e-5.squareRoot() * random.normal() + boots / Double(found.boots)
      }
      return try #require(RatioEstimate(PairedLogRatio(logarithms: logarithms))).probability(atLeast: 1) <= 0.025
    }
    #expect((0.74...0.86).contains(Double(seen) / Double(runs)), "\(seen) of \(runs)")
  }
}
