import Foundation
import Statistics
import Testing

@Suite("Normal distribution")
struct NormalTests {
  @Test("Quantiles and probabilities agree with SciPy", .enabled(if: SciPy.isPresent, "python3 with scipy is not here"))
  func agreesWithSciPy() throws {
    let lines = try SciPy.run(
      """
      from scipy import special
      for p in [1e-300, 1e-12, 1e-5, .001, .025, .2, .4999, .5, .6, .975, .99999]:
          z = float(special.ndtri(p))
          print(repr(p), repr(z), repr(float(special.ndtr(z))))
      """)
    #expect(lines.count == 11)
    for line in lines {
      let numbers = line.split(separator: " ").compactMap { Double($0) }
      try #require(numbers.count == 3)
      #expect(abs(Normal.quantile(numbers[0]) - numbers[1]) <= 1e-10 * abs(numbers[1]), "\(line)")
      #expect(abs(Normal.cumulativeProbability(numbers[1]) - numbers[2]) <= 1e-10 * numbers[2], "\(line)")
    }
  }

  @Test("Random numbers have the moments of their distributions")
  func moments() throws {
    var random = SeededRandom(seed: 8)
    let normal = try Sample((0..<20_000).map { _ in random.normal() })
    #expect(abs(normal.mean) < 0.03 && abs(normal.standardDeviation - 1) < 0.03)
    let exponential = try Sample((0..<20_000).map { _ in random.exponential() })
    #expect(abs(exponential.mean - 1) < 0.03 && abs(exponential.standardDeviation - 1) < 0.05)
    // P(|T| > t(0.975; 3)) = 0.05.
    let far = (0..<20_000).count { _ in abs(random.studentT(degreesOfFreedom: 3)) > 3.182446305284263 }
    #expect(ClopperPearson.interval(successes: far, trials: 20_000, level: 0.9999).contains(0.05))
    let uniform = (0..<1000).map { _ in random.uniform() }
    #expect(uniform.allSatisfy { $0 > 0 && $0 <= 1 })
  }
}
