import Statistics
import Testing

@Suite("Non-inferiority")
struct NonInferiorityTests {
  /// Ten blocks around a ratio, with a spread of about 1 %.
  func blocks(_ ratio: Double, count: Int = 10) throws -> PairedLogRatio {
    let mode = (0..<count).map { ratio * 1000 * (1 + 0.01 * Double($0 % 3 - 1)) }
    return try PairedLogRatio(mode: mode, reference: mode.map { _ in 1000 }, higherIsBetter: true)
  }

  @Test("An interval above the margin passes, one below fails, one across it is inconclusive")
  func threeVerdicts() throws {
    #expect(try NonInferiority.decide(blocks(0.97), margin: 0.95, level: 0.95) == .pass)
    #expect(try NonInferiority.decide(blocks(0.90), margin: 0.95, level: 0.95) == .fail)
    #expect(try NonInferiority.decide(blocks(0.951), margin: 0.95, level: 0.95) == .inconclusive)
  }

  @Test("The margin itself is met by a lower bound that equals it, and an upper bound that equals it does not fail")
  func boundsAtTheMargin() {
    #expect(NonInferiority.decide(Interval(low: 0.95, high: 1, level: 0.95), margin: 0.95) == .pass)
    #expect(NonInferiority.decide(Interval(low: 0.9, high: 0.95, level: 0.95), margin: 0.95) == .inconclusive)
  }

  @Test("Too few blocks for the level are an error, never a pass")
  func tooFewBlocks() throws {
    let four = try blocks(2, count: 4)
    #expect(throws: StatisticsError.tooFewBlocks(have: 4, need: 5, level: 0.95)) {
      try NonInferiority.decide(four, margin: 0.95, level: 0.95)
    }
    let nine = try blocks(2, count: 9)
    #expect(throws: StatisticsError.tooFewBlocks(have: 9, need: 10, level: 0.999)) {
      try NonInferiority.decide(nine, margin: 0.95, level: 0.999)
    }
  }

  @Test("The p-value and the interval agree on a pass")
  func probabilityAgreesWithInterval() throws {
    let ratio = try blocks(0.96)
    let low = try #require(ratio.interval(level: 0.95)).low
    let probability = try #require(ratio.probability(below: low))
    #expect(abs(probability - 0.025) < 1e-9)
  }
}
