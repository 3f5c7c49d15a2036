import Statistics
import Testing

@Suite struct StraightLineTests {
  @Test func aLinesErrorCoversTheTruthAsOftenAsItSays() {
    var random = SeededRandom(seed: 8)
    var covered = 0
    for _ in 0..<2000 {
      let points = (1...8).map { x in (x: Double(x), y: 3 + 2 * Double(x) + random.normal()) }
      if let line = StraightLine(points), let error = line.slopeError, abs(line.slope - 2) <= error { covered += 1 }
    }
    // 95 % of 2000, three standard errors about it.
    #expect((1870...1930).contains(covered))
  }

  @Test func whatHasNoLineHasNone() {
    #expect(StraightLine([(x: 1, y: 1)]) == nil && StraightLine([(x: 1, y: 1), (x: 1, y: 2)]) == nil)
    let two = StraightLine([(x: 1, y: 1), (x: 3, y: 2)])
    #expect(two?.slope == 0.5 && two?.slopeError == nil)
  }
}
