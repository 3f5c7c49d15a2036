import Results
import Testing

@Suite("Repeated legs")
struct AttemptTests {
  private func leg(
    _ block: Int, _ machine: Machine, _ value: Double, attempt: Int = 1, disturbed: Bool = false, ok: Bool = true
  ) -> LegRecord {
    var leg = MadeUp.leg(
      block, machine, machine == .native ? .native : .polled, metrics: ok ? [MadeUp.iops(value)] : [],
      validity: disturbed ? ["steal 9 %"] : [])
    leg.attempt = attempt
    leg.id += "-\(attempt)"
    if !ok { (leg.status, leg.reason) = (.failed, "a wrong byte") }
    return leg
  }

  private func flags(_ legs: [LegRecord]) throws -> (ratio: Double, blocks: Int, flags: [ComparisonFlag]) {
    let set = ComparisonBuilder(plannedBlocks: 2).build(legs)
    let comparison = try #require(set.comparisons.first)
    return (comparison.ratio, comparison.blocks, comparison.flags)
  }

  @Test("The repetition counts, not the disturbed leg before it")
  func repetitionCounts() throws {
    let legs = [
      leg(0, .native, 100), leg(0, .nearmetal, 10, disturbed: true), leg(0, .nearmetal, 90, attempt: 2),
      leg(1, .nearmetal, 90), leg(1, .native, 100),
    ]
    let found = try flags(legs)
    #expect(abs(found.ratio - 0.9) < 1e-12 && found.blocks == 2)
    #expect(!found.flags.contains(.disturbedLegs) && !found.flags.contains(.missingBlocks))
  }

  @Test("The choice looks at no metric: a worse repetition counts as well, and a disturbed one is flagged")
  func choiceIsBlind() throws {
    let legs = [
      leg(0, .native, 100), leg(0, .nearmetal, 90, disturbed: true),
      leg(0, .nearmetal, 10, attempt: 2, disturbed: true),
    ]
    let found = try flags(legs)
    #expect(abs(found.ratio - 0.1) < 1e-12)
    #expect(found.flags.contains(.disturbedLegs))
  }

  @Test("A repetition that failed leaves the first attempt in place")
  func failedRepetition() throws {
    let legs = [
      leg(0, .native, 100), leg(0, .nearmetal, 80, disturbed: true), leg(0, .nearmetal, 0, attempt: 2, ok: false),
    ]
    #expect(LegRecord.deciding(legs).map(\.id) == [legs[0].id, legs[1].id])
    #expect(try abs(flags(legs).ratio - 0.8) < 1e-12)
  }

  @Test("A result holds both attempts, and each at most once")
  func bothAreKept() throws {
    var result = try MadeUp.result()
    var again = result.legs[1]
    (again.id, again.attempt) = ("again", 2)
    result.legs.append(again)
    let bytes = try ResultStore.encode(result)
    #expect(try ResultStore.decode(bytes, path: "r") == result)
    again.id = "a third"
    result.legs.append(again)
    let twice = try ResultStore.encode(result)
    #expect(throws: DocumentReadError.self) { try ResultStore.decode(twice, path: "r") }
  }

  @Test("A result of a version that did not repeat is read")
  func olderResults() throws {
    var result = try MadeUp.result()
    for index in result.legs.indices { result.legs[index].attempt = nil }
    let bytes = try ResultStore.encode(result)
    #expect(!String(decoding: bytes, as: UTF8.self).contains("attempt"))
    #expect(try ResultStore.decode(bytes, path: "r") == result)
  }
}
