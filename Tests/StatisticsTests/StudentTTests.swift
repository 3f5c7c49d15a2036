import Statistics
import Testing

@Suite("Student's t distribution")
struct StudentTTests {
  @Test(
    "Quantiles agree with the published tables",
    arguments: [
      // Degrees of freedom, probability, t.
      (1.0, 0.975, 12.706204736174698), (2.0, 0.975, 4.302652729749464), (4.0, 0.975, 2.7764451051977987),
      (9.0, 0.975, 2.262157162798205), (29.0, 0.995, 2.756385903670604), (4.0, 0.995, 4.604094871415897),
      (30.0, 0.95, 1.6972608865939574), (100.0, 0.975, 1.9839715184496334), (1.0, 0.75, 1.0),
      (2.0, 0.6, 0.28867513459481287),
    ])
  func quantileAgreesWithTables(freedom: Double, probability: Double, expected: Double) {
    let t = StudentT(degreesOfFreedom: freedom).quantile(probability)
    #expect(abs(t - expected) <= 1e-9 * expected)
  }

  @Test("One and two degrees of freedom agree with their closed forms into the far tails")
  func closedForms() {
    for probability in [1e-12, 1e-6, 0.01, 0.3, 0.499999, 0.7, 0.999] {
      // ν = 2: t = (2p − 1) √(2 / (4p(1 − p))).
      let two = (2 * probability - 1) * (2 / (4 * probability * (1 - probability))).squareRoot()
      let found = StudentT(degreesOfFreedom: 2).quantile(probability)
      #expect(abs(found - two) <= 1e-9 * abs(two))
      // ν = 2: P(T ≤ t) = 1/2 + t / (2 √(2 + t²)).
      let cumulative = StudentT(degreesOfFreedom: 2).cumulativeProbability(two)
      #expect(abs(cumulative - probability) <= 1e-9 * probability)
    }
    let cauchy = StudentT(degreesOfFreedom: 1)
    #expect(abs(cauchy.upperTail(1e9) - 1e-9 / Double.pi) <= 1e-18 / Double.pi)
  }

  @Test(
    "A quantile's cumulative probability is the one asked for", arguments: [1.0, 2, 3, 4, 9, 19, 29, 99, 999, 99_999])
  func roundTrip(freedom: Double) {
    let distribution = StudentT(degreesOfFreedom: freedom)
    for probability in [1e-9, 1e-4, 0.005, 0.025, 0.2, 0.45, 0.500001, 0.6, 0.9, 0.975, 0.995, 0.9999] {
      let found = distribution.cumulativeProbability(distribution.quantile(probability))
      #expect(abs(found - probability) <= 1e-9 * probability)
    }
    #expect(distribution.quantile(0.5) == 0)
  }

  @Test("Quantiles and probabilities agree with SciPy", .enabled(if: SciPy.isPresent, "python3 with scipy is not here"))
  func agreesWithSciPy() throws {
    let lines = try SciPy.run(
      """
      from scipy import special
      for v in [1, 2, 3, 4, 5, 7, 9, 14, 19, 29, 59, 99, 499, 999, 9999, 99999]:
          for p in [1e-8, 1e-5, .001, .005, .025, .05, .1, .25, .4, .499, .51, .6, .75, .9, .975, .995, .999]:
              t = float(special.stdtrit(v, p))
              print(v, repr(p), repr(t), repr(float(special.stdtr(v, t))))
      """)
    #expect(lines.count == 16 * 17)
    for line in lines {
      let numbers = line.split(separator: " ").compactMap { Double($0) }
      try #require(numbers.count == 4)
      let distribution = StudentT(degreesOfFreedom: numbers[0])
      let quantile = distribution.quantile(numbers[1])
      #expect(abs(quantile - numbers[2]) <= 1e-9 * abs(numbers[2]), "\(line)")
      #expect(abs(distribution.cumulativeProbability(numbers[2]) - numbers[3]) <= 1e-9 * numbers[3], "\(line)")
    }
  }
}
