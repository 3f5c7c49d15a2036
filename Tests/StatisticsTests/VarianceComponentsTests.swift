import Foundation
import Statistics
import Testing

@Suite("Variance components and detectable effects")
struct VarianceComponentsTests {
  @Test("A small balanced design gives what its analysis of variance gives by hand")
  func byHand() throws {
    // Two blocks of two legs of two windows.
    let components = try VarianceComponents([[[1, 2], [3, 4]], [[5, 6], [8, 9]]])
    // By hand: leg means 1.5, 3.5, 5.5, 8.5; block means 2.5, 7; mean 4.75.
    // Blocks: 4 (2.25² + 2.25²) / 1 = 40.5; legs: 2 (1 + 1 + 2.25 + 2.25) / 2 = 6.5; windows: 8 × 0.25 / 4 = 0.5.
    #expect(abs(components.iteration - 0.5) < 1e-12)
    #expect(abs(components.leg - (6.5 - 0.5) / 2) < 1e-12)
    #expect(abs(components.block - (40.5 - 6.5) / 4) < 1e-12)
  }

  @Test("Known variances are found again, also where numbers differ and where one is zero")
  func knownVariances() throws {
    var random = SeededRandom(seed: 77)
    let figures = (0..<1500).map { block in
      let blockShift = 0.02 * random.normal()
      return (0..<(block % 3 == 0 ? 3 : 2)).map { leg in
        let legShift = 0.01 * random.normal()
        return (0..<(leg == 0 ? 4 : 2)).map { _ in blockShift + legShift + 0.03 * random.normal() }
      }
    }
    let components = try VarianceComponents(figures)
    #expect(abs(components.iteration.squareRoot() - 0.03) < 0.001)
    #expect(abs(components.leg.squareRoot() - 0.01) < 0.002)
    #expect(abs(components.block.squareRoot() - 0.02) < 0.002)
    let still = try VarianceComponents([[[1, 1], [1, 1]], [[1, 1], [1, 1]]])
    #expect(still.block == 0 && still.leg == 0 && still.iteration == 0)
  }

  @Test("Too little nesting is refused")
  func refuses() {
    #expect(throws: StatisticsError.notNested(blocks: 1, legs: 2, iterations: 4)) {
      try VarianceComponents([[[1, 2], [3, 4]]])
    }
    #expect(throws: StatisticsError.notNested(blocks: 2, legs: 2, iterations: 4)) {
      try VarianceComponents([[[1, 2]], [[3, 4]]])
    }
    #expect(throws: StatisticsError.notNested(blocks: 2, legs: 4, iterations: 4)) {
      try VarianceComponents([[[1], [2]], [[3], [4]]])
    }
    #expect(throws: StatisticsError.notFinite(index: 1, value: .infinity)) {
      try VarianceComponents([[[1, .infinity], [3, 4]], [[1, 2], [3, 4]]])
    }
  }

  @Test("Blocks of one boot each are taken apart by the analysis of variance of one way, worked by hand")
  func oneBootABlock() throws {
    // Means 2, 6 and 5, of all 4; within blocks (2 + 0 + 2) / 4.
    let components = try VarianceComponents(blocks: [[1, 2, 3], [6, 6], [4, 6]])
    let mean = 28.0 / 7
    let between = (3 * (2 - mean) * (2 - mean) + 2 * (6 - mean) * (6 - mean) + 2 * (5 - mean) * (5 - mean)) / 2
    // n₀ = (7 − (9 + 4 + 4)/7)/2 = 16/7.
    #expect(abs(components.iteration - 1) < 1e-12)
    #expect(abs(components.block - (between - 1) * 7 / 16) < 1e-12)
    #expect(components.leg == 0)
    #expect(throws: StatisticsError.notNested(blocks: 2, legs: 2, iterations: 2)) {
      try VarianceComponents(blocks: [[1], [2]])
    }
    #expect(throws: StatisticsError.notFinite(index: 1, value: .infinity)) {
      try VarianceComponents(blocks: [[1, .infinity], [2]])
    }
  }

  @Test("Dear boots and noisy windows ask for more windows a boot")
  func iterations() throws {
    // Window variance 0.5, leg variance 3.
    let components = try VarianceComponents([[[1, 2], [3, 4]], [[5, 6], [8, 9]]])
    #expect(components.iterations(legCost: 1, iterationCost: 1, limit: 50) == 1)
    // √(96 × 0.5 / 3) = 4.
    #expect(components.iterations(legCost: 96, iterationCost: 1, limit: 50) == 4)
    #expect(components.iterations(legCost: 96, iterationCost: 1, limit: 3) == 3)
    let equalLegs = try VarianceComponents([[[1, 3], [1, 3]], [[1, 3], [1, 3]]])
    #expect(equalLegs.iterations(legCost: 1, iterationCost: 1, limit: 50) == 50)
    // Block variance 8.5, leg variance 3: √(51 / 2 × 3 / 8.5) = 3.
    #expect(components.legs(blockCost: 51, legCost: 2, limit: 9) == 3)
    #expect(components.legs(blockCost: 51, legCost: 2, limit: 2) == 2)
    let still = try VarianceComponents([[[1, 1], [2, 2]], [[1, 1], [2, 2]]])
    #expect(still.iterations(legCost: 1, iterationCost: 1, limit: 50) == 1)
  }

  @Test("The noise floor is the distance of the bound, and the detectable effect lies beyond it")
  func detectableEffect() throws {
    // t(0.975; 9) = 2.262157162798205, t(0.8; 9) = 0.883403859685.
    let floor = DetectableEffect.noiseFloor(spread: 0.02, blocks: 10, alpha: 0.025)
    #expect(abs(floor - (1 - exp(-2.262157162798205 * 0.02 / 10.0.squareRoot()))) < 1e-12)
    let effect = DetectableEffect.relative(spread: 0.02, blocks: 10, alpha: 0.025, power: 0.8)
    #expect(abs(effect - (1 - exp(-(2.262157162798205 + 0.883403859685) * 0.02 / 10.0.squareRoot()))) < 1e-9)
    #expect(DetectableEffect.noiseFloor(spread: 0, blocks: 5, alpha: 0.01) == 0)
  }

  @Test("A slowdown of the detectable size is found about as often as promised")
  func detectableEffectHolds() throws {
    let effect = DetectableEffect.relative(spread: 0.03, blocks: 8, alpha: 0.01, power: 0.8)
    var random = SeededRandom(seed: 40)
    let found = try (0..<4000).count { _ in
      let logarithms = (0..<8).map { _ in log(1 - effect) + 0.03 * random.normal() }
      let sample = try Sample(logarithms)
      // One-sided: is the mean below 0 with error 0.01?
      let t = sample.mean / sample.standardError
      return StudentT(degreesOfFreedom: 7).cumulativeProbability(t) <= 0.01
    }
    #expect((0.72...0.86).contains(Double(found) / 4000))
  }
}
