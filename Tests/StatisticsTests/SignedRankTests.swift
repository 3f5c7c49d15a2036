import Statistics
import Testing

@Suite("Signed ranks")
struct SignedRankTests {
  @Test("The interval ends at the pair means that the table of the signed-rank test names")
  func interval() throws {
    // Pair means of powers of two are all different. For ten values the table's two-sided 5 % point is 8.
    let values = (0..<10).map { Double(1 << $0) }
    let means = values.indices.flatMap { first in values[first...].map { (values[first] + $0) / 2 } }.sorted()
    let interval = try #require(SignedRank(values).interval(level: 0.95))
    #expect(interval.low == means[8] && interval.high == means[means.count - 9])
    #expect(try SignedRank(values).estimate == means[means.count / 2])
  }

  @Test("Five values are too few for 95 %, six are not", arguments: [5, 6])
  func fewest(count: Int) throws {
    let interval = try SignedRank((0..<count).map(Double.init)).interval(level: 0.95)
    #expect((interval == nil) == (count == 5))
  }

  @Test("Between exact ranks and normal ones there is no step", arguments: [0.9, 0.99])
  func approximation(level: Double) throws {
    func width(_ count: Int) throws -> Double {
      let interval = try #require(SignedRank((0..<count).map { Double($0) / Double(count) }).interval(level: level))
      return interval.high - interval.low
    }
    #expect(try abs(width(101) / width(100) - (100.0 / 101).squareRoot()) < 0.02)
  }

  @Test("It holds the centre as often as it says, of values that scatter differently")
  func coverage() throws {
    var random = SeededRandom(seed: 5)
    let held = try (0..<4000).count { _ in
      let values = (0..<12).map { random.normal() * Double($0 * $0 + 1) }
      return try #require(SignedRank(values).interval(level: 0.95)).contains(0)
    }
    #expect((3740...3880).contains(held))
  }
}
