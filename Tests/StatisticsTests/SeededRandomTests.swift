import Testing

@testable import Statistics

@Suite("Seeded random numbers")
struct SeededRandomTests {
  @Test("SplitMix64 gives its authors' sequence")
  func splitMix() {
    var random = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<5).map { _ in random.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
      ])
  }

  @Test("xoshiro256** gives its authors' sequence")
  func xoshiro() {
    var random = SeededRandom(state: (1, 2, 3, 4))
    #expect((0..<4).map { _ in random.next() } == [11520, 0, 1_509_978_240, 1_215_971_899_390_074_240])
    var seeded = SeededRandom(seed: 42)
    #expect(
      (0..<4).map { _ in seeded.next() } == [
        1_546_998_764_402_558_742, 6_990_951_692_964_543_102, 12_544_586_762_248_559_009, 17_057_574_109_182_124_193,
      ])
  }

  @Test("A seed repeats its order, and another seed gives another")
  func shuffleRepeats() {
    let items = Array(0..<40)
    var first = SeededRandom(seed: 7)
    var second = SeededRandom(seed: 7)
    var other = SeededRandom(seed: 8)
    let order = first.shuffled(items)
    #expect(order == second.shuffled(items))
    #expect(order != other.shuffled(items))
    #expect(order.sorted() == items)
  }

  @Test("All six orders of three elements are equally likely")
  func shuffleIsFair() {
    var random = SeededRandom(seed: 99)
    var seen: [[Int]: Int] = [:]
    let draws = 12_000
    for _ in 0..<draws { seen[random.shuffled([0, 1, 2]), default: 0] += 1 }
    #expect(seen.count == 6)
    for (order, count) in seen {
      let share = ClopperPearson.interval(successes: count, trials: draws, level: 0.9999)
      #expect(share.contains(1.0 / 6), "\(order): \(count)")
    }
  }

  @Test("Numbers below a bound stay below it and reach every value")
  func below() {
    var random = SeededRandom(seed: 3)
    #expect(Set((0..<400).map { _ in random.below(7) }) == Set(0..<7))
    #expect(random.below(1) == 0)
  }
}
