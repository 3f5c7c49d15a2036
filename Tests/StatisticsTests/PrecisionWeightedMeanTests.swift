import Statistics
import Testing

@Suite("Means weighted by precision")
struct PrecisionWeightedMeanTests {
  @Test("What is known ten times as closely counts a hundred times as much")
  func weights() throws {
    let mean = try PrecisionWeightedMean([0, 1], errors: [0.1, 0.01])
    #expect(abs(mean.estimate - 100.0 / 101) < 1e-3)
    #expect(try PrecisionWeightedMean([1, 2, 6], errors: [nil, nil, nil]).estimate == 3)
    // One whose error is not known counts as the worst of the others.
    #expect(try abs(PrecisionWeightedMean([0, 1, 2], errors: [0.5, nil, 0.5]).estimate - 1) < 1e-12)
  }

  @Test("Two blocks that agree to the last digit do not decide alone")
  func leastError() throws {
    #expect(try abs(PrecisionWeightedMean([0, 1], errors: [0, 1e-4]).estimate - 1.0 / 3) < 1e-9)
  }

  @Test("The interval ends at the subset means that Hartigan's theorem names")
  func interval() throws {
    let values = (0..<8).map { Double(1 << $0) }
    let errors = (0..<8).map { Double($0 + 1) }
    let mean = try PrecisionWeightedMean(values, errors: errors)
    // Of 255 subset means six in a hundred lie beyond the eighth from either end.
    let means = (1..<256).map { subset in
      let members = values.indices.filter { subset >> $0 & 1 == 1 }
      let weights = members.map { 1 / (errors[$0] * errors[$0] + 1e-8) }
      return zip(members, weights).reduce(0) { $0 + values[$1.0] * $1.1 } / weights.reduce(0, +)
    }.sorted()
    let interval = try #require(mean.interval(level: 0.9375))
    #expect(abs(interval.low - means[7]) < 1e-9 && abs(interval.high - means[247]) < 1e-9)
  }

  @Test("Five values are too few for 95 %, six are not", arguments: [5, 6])
  func fewest(count: Int) throws {
    let values = (0..<count).map(Double.init)
    let mean = try PrecisionWeightedMean(values, errors: values.map { $0 + 1 })
    #expect((mean.interval(level: 0.95) == nil) == (count == 5))
  }

  @Test("Values and errors that are not as many are refused")
  func unpaired() {
    #expect(throws: StatisticsError.unpaired(left: 2, right: 1)) { try PrecisionWeightedMean([1, 2], errors: [1]) }
    #expect(throws: StatisticsError.notFinite(index: 0, value: .infinity)) {
      try PrecisionWeightedMean([.infinity], errors: [1])
    }
  }

  @Test(
    "It holds the centre as often as it says, with weights from six blocks, and is half as wide as without",
    arguments: [9, 13])
  func coverage(workloads: Int) throws {
    var random = SeededRandom(seed: 5)
    let runs = 300
    var (held, squares, plain) = (0, 0.0, 0.0)
    for _ in 0..<runs {
      let samples = try (0..<workloads).map { workload in
        let deviation = 0.003 * Double(1 << (workload % 5))
        return try Sample((0..<6).map { _ in random.normal() * deviation })
      }
      let mean = try PrecisionWeightedMean(samples.map(\.mean), errors: samples.map(\.standardError))
      if try #require(mean.interval(level: 0.95)).contains(0) { held += 1 }
      squares += mean.estimate * mean.estimate
      let unweighted = samples.reduce(0) { $0 + $1.mean } / Double(workloads)
      plain += unweighted * unweighted
    }
    // Of 300 at 95 % fewer than 273 or more than 296 come once in five hundred times.
    #expect((273...296).contains(held))
    #expect(squares < plain / 4)
  }
}
