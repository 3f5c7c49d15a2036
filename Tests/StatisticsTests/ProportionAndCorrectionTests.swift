import Statistics
import Testing

@Suite("Proportions, corrections and order statistics")
struct ProportionAndCorrectionTests {
  @Test(
    "Clopper and Pearson's interval agrees with reference values",
    arguments: [
      (3, 100, 0.95, 0.006229971538306227, 0.08517605297428028), (0, 20, 0.95, 0.0, 0.16843347098308548),
      (20, 20, 0.95, 0.8315665290169145, 1.0), (1, 1, 0.9, 0.05, 1.0),
    ])
  func clopperPearson(successes: Int, trials: Int, level: Double, low: Double, high: Double) {
    let interval = ClopperPearson.interval(successes: successes, trials: trials, level: level)
    #expect(abs(interval.low - low) <= 1e-9)
    #expect(abs(interval.high - high) <= 1e-9)
  }

  @Test(
    "Clopper and Pearson's interval agrees with SciPy", .enabled(if: SciPy.isPresent, "python3 with scipy is not here"))
  func clopperPearsonAgreesWithSciPy() throws {
    let lines = try SciPy.run(
      """
      from scipy import special
      for n in [5, 40, 1000, 20000]:
          for k in [1, 2, n // 3, n // 2, n - 1]:
              for level in [0.9, 0.95, 0.999]:
                  a = (1 - level) / 2
                  print(k, n, level, repr(float(special.betaincinv(k, n - k + 1, a))),
                        repr(float(special.betaincinv(k + 1, n - k, 1 - a))))
      """)
    #expect(lines.count == 60)
    for line in lines {
      let numbers = line.split(separator: " ").compactMap { Double($0) }
      try #require(numbers.count == 5)
      let interval = ClopperPearson.interval(successes: Int(numbers[0]), trials: Int(numbers[1]), level: numbers[2])
      #expect(abs(interval.low - numbers[3]) <= 1e-9 * numbers[3], "\(line)")
      #expect(abs(interval.high - numbers[4]) <= 1e-9 * numbers[4], "\(line)")
    }
  }

  @Test("Holm multiplies the smallest by the number of tests and never lets a later one be smaller")
  func holm() {
    let adjusted = Holm.adjusted([0.04, 0.01, 0.03, 0.005])
    let expected = [0.06, 0.03, 0.06, 0.02]
    for (found, wanted) in zip(adjusted, expected) { #expect(abs(found - wanted) < 1e-15) }
    #expect(Holm.adjusted([0.9, 0.8]) == [1, 1])
    #expect(Holm.adjusted([]) == [])
  }

  @Test("Quantiles interpolate between neighbours and do not need order")
  func quantiles() {
    #expect(Quantile.median([5, 1, 3]) == 3)
    #expect(Quantile.median([4, 1, 3, 2]) == 2.5)
    #expect(Quantile.of([10, 20, 30, 40, 50], 0.1) == 14)
    #expect(Quantile.of([1, 2], 1) == 2)
    #expect(Quantile.of([1, 2], 0) == 1)
    #expect(Quantile.medianAbsoluteDeviation([1, 1, 2, 2, 4, 6, 9]) == 1)
  }

  @Test("Mean and spread survive a large common offset")
  func sampleIsStable() throws {
    let sample = try Sample([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])
    #expect(sample.mean == 1e9 + 10)
    #expect(abs(sample.standardDeviation - 30.0.squareRoot()) < 1e-12)
  }

  @Test("A value that is not finite is an error, and so is no value")
  func sampleRefuses() {
    #expect(throws: StatisticsError.notFinite(index: 1, value: .infinity)) { try Sample([1, .infinity]) }
    #expect(throws: StatisticsError.self) { try Sample([]) }
  }

  @Test(
    "Holm's divisors say the same as the adjusted p-values, and a test after the stop shares the divisor of the stop")
  func divisors() {
    let probabilities = [0.04, 0.001, 0.02, 0.6, 0.012]
    let divisors = Holm.divisors(probabilities, alpha: 0.05)
    #expect(divisors == [3, 5, 3, 3, 4])
    let adjusted = Holm.adjusted(probabilities)
    for index in probabilities.indices {
      #expect((adjusted[index] <= 0.05) == (probabilities[index] * Double(divisors[index]) <= 0.05))
    }
  }
}
