import Foundation
import Results
import Statistics
import Testing
import Verdicts

/// The method's error rates where the truth is known: blocks, boots and windows that scatter as on a real host, through the
/// very functions that decide about real runs. The seeds are fixed, so the rates are the same everywhere; the ranges that they
/// must lie in are the bars.
@Suite("Simulated runs")
struct SimulationTests {
  /// Relative standard deviations of a block, of a boot in it, and of a window in that.
  private static let noise = (block: 0.02, boot: 0.01, window: 0.03)
  private static let blocks = 10
  /// Windows that a leg's figure is the mean of.
  private static let windows = 5

  /// Figures of two sides: in each block they share the block's share, and each has boots and windows of its own.
  /// - Parameter ratio: of the head's true figure to the base's.
  private func pair(ratio: Double, _ random: inout SeededRandom) -> (base: [Double], head: [Double]) {
    var sides: (base: [Double], head: [Double]) = ([], [])
    for _ in 0..<Self.blocks {
      let block = Self.noise.block * random.gaussian()
      func leg(_ figure: Double, _ random: inout SeededRandom) -> Double {
        let boot = Self.noise.boot * random.gaussian()
        let windows = (0..<Self.windows).map { _ in figure * exp(block + boot + Self.noise.window * random.gaussian()) }
        return windows.reduce(0, +) / Double(Self.windows)
      }
      sides.base.append(leg(1000, &random))
      sides.head.append(leg(1000 * ratio, &random))
    }
    return sides
  }

  /// How the gate decides about so many independent workloads whose head has the same true ratio.
  private func outcomes(_ count: Int, ratio: Double, seed: UInt64, _ options: GateOptions) throws -> [GateOutcome: Int]
  {
    var random = SeededRandom(seed: seed)
    let pairs = (0..<count).map { _ in pair(ratio: ratio, &random) }
    let verdict = try Gate.decide(
      base: MadeUp.result("base", series: pairs.map(\.base), interleaving: "i"),
      head: MadeUp.result("head", series: pairs.map(\.head), interleaving: "i"), options)
    #expect(verdict.comparisons.count == count)
    return Dictionary(grouping: verdict.comparisons, by: \.outcome).mapValues(\.count)
  }

  @Test("False alarms at a nominal 5 % lie between 4 and 6 %")
  func falseAlarms() throws {
    let count = 4000
    let options = GateOptions(alpha: 0.05, family: .none, minimumEffect: 0)
    let found = try outcomes(count, ratio: 1, seed: 2026, options)
    #expect((0.04...0.06).contains(Double(found[.regression] ?? 0) / Double(count)))
    #expect((0.04...0.06).contains(Double(found[.improvement] ?? 0) / Double(count)))
  }

  @Test("A slowdown of 5 % is caught at least 99 times in 100 with 10 blocks, by the gate as it comes")
  func slowdown() throws {
    let count = 2000
    let found = try outcomes(count, ratio: 1 / 1.05, seed: 7, GateOptions(family: .none))
    #expect(Double(found[.regression] ?? 0) >= 0.99 * Double(count))
  }

  @Test("As it comes, the gate raises no more than its 1 % of false alarms in a family of fifty")
  func family() throws {
    var alarms = 0
    for seed in 0..<40 where (try outcomes(50, ratio: 1, seed: UInt64(900 + seed), GateOptions()))[.regression] != nil {
      alarms += 1
    }
    #expect(alarms <= 2)
  }

  @Test("A claim exactly at its margin passes at most 5 times in 100, and one above it does pass")
  func claims() throws {
    var random = SeededRandom(seed: 31)
    let count = 1000
    func passes(ratio: Double) -> Int {
      (0..<count).count { _ in
        let figures = pair(ratio: ratio, &random)
        let legs = figures.base.indices.flatMap { block in
          [
            MadeUp.leg(
              block, .native, .native, "block.randread", ["qd": "1"],
              [MadeUp.metric("iops", "IOPS", figures.base[block], .higher)]),
            MadeUp.leg(
              block, .nearmetal, .polled, "block.randread", ["qd": "1"],
              [MadeUp.metric("iops", "IOPS", figures.head[block], .higher)]),
          ]
        }
        let claim = Claim(
          id: "c", text: "t", source: "s", workload: Workload("block.randread"), metric: "iops",
          path: Path(.nearmetal, .polled), margin: 0.95, requirement: .nonBlocker)
        let result = MadeUp.result("r", legs: legs, blocks: Self.blocks)
        return ClaimJudge.decide([claim], result)[0].verdict == .pass
      }
    }
    let atMargin = Double(passes(ratio: 0.95)) / Double(count)
    // The claims' own level, 95 %, errs with 2.5 % on this side.
    #expect((0.01...0.05).contains(atMargin))
    #expect(Double(passes(ratio: 1)) / Double(count) >= 0.99)
  }
}

extension SeededRandom {
  /// A standard normal number (Box and Muller).
  mutating func gaussian() -> Double {
    let first = (Double(next() >> 11) + 1) / 9_007_199_254_740_992
    let second = Double(next() >> 11) / 9_007_199_254_740_992
    return (-2 * log(first)).squareRoot() * cos(2 * Double.pi * second)
  }
}
