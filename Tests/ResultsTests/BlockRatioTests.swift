import Foundation
import Results
import Statistics
import Testing

@Suite struct BlockRatioTests {
  private func leg(
    _ path: Path, block: Int = 0, value: Double = 100, _ windows: TurnsRecord.Windows, twin: TurnsRecord.Windows? = nil,
    disturbed: [Int] = []
  ) -> LegRecord {
    var leg = LegRecord(
      id: "\(block)-\(path)", block: block, order: 0, path: path, workload: Workload("cpu.integer"), status: .ok,
      metrics: [
        MetricRecord(name: "throughput", unit: "Mop/s", direction: .higher, value: value),
        MetricRecord(name: "time.p50", unit: "ns", direction: .lower, value: value),
      ], startedAt: 0)
    leg.turns = TurnsRecord(length: 1000, rewarm: 100, windows: windows, twin: twin, disturbed: disturbed)
    return leg
  }

  private func windows(_ operations: [UInt64], median: [UInt64]? = nil) -> TurnsRecord.Windows {
    TurnsRecord.Windows(
      operations: operations, nanoseconds: operations.map { _ in 1000 }, median: median ?? operations.map { _ in 500 })
  }

  private func series(_ legs: [LegRecord], _ metric: String, _ path: Path) throws -> Series {
    try #require(Series.all(in: legs).first { $0.key.path == path && $0.key.subject.metric == metric })
  }

  private let guest = Path(.nearmetal, .guest)

  @Test func roundsAreComparedOneByOneSoThatDriftCancels() throws {
    // Both sides slow down together by half; one has nine tenths of the other throughout.
    let legs = [
      leg(.native, windows([1000, 900, 800, 700, 600, 500])),
      leg(guest, value: 1, windows([900, 810, 720, 630, 540, 450])),
    ]
    let ratio = try series(legs, "throughput", guest).pairedRatio(over: try series(legs, "throughput", .native))
    #expect(abs(try #require(ratio).estimate - 0.9) < 1e-9)
  }

  @Test func aTimeIsTurnedOver() throws {
    let legs = [
      leg(.native, windows([1, 1, 1, 1, 1], median: [100, 100, 100, 100, 100])),
      leg(guest, windows([1, 1, 1, 1, 1], median: [125, 125, 125, 125, 125])),
    ]
    let ratio = try series(legs, "time.p50", guest).pairedRatio(over: try series(legs, "time.p50", .native))
    #expect(abs(try #require(ratio).estimate - 0.8) < 1e-9)
  }

  @Test func disturbedRoundsCountForNoneUnlessTooFewWouldBeLeft() throws {
    let native = windows([100, 100, 100, 100, 100, 100, 100])
    let slow = windows([10, 50, 50, 50, 50, 50, 50])
    let few = [leg(.native, native, disturbed: [0]), leg(guest, slow, disturbed: [0])]
    let kept = try series(few, "throughput", guest).ratios(over: try series(few, "throughput", .native))
    #expect(kept[0].ratio.rounds?.count == 6 && abs(exp(kept[0].ratio.logarithm) - 0.5) < 1e-9)
    let many = [leg(.native, native, disturbed: [0, 1, 2]), leg(guest, slow, disturbed: [0, 1, 2])]
    let all = try series(many, "throughput", guest).ratios(over: try series(many, "throughput", .native))
    #expect(all[0].ratio.rounds?.count == 7)
  }

  @Test func legsWithOtherNumbersOfRoundsAreComparedByThoseThatBothHave() throws {
    let legs = [
      leg(.native, windows([10, 10, 10, 10, 10, 10])),
      leg(guest, windows([5, 5, 5, 5, 5, 5, 1, 1, 1]), disturbed: [0]),
    ]
    let ratios = try series(legs, "throughput", guest).ratios(over: try series(legs, "throughput", .native))
    #expect(ratios[0].ratio.rounds?.count == 5 && abs(exp(ratios[0].ratio.logarithm) - 0.5) < 1e-9)
  }

  @Test func whereEachRoundHasOneNativeTurnTheMethodIsCheckedBySuccessiveRounds() throws {
    let legs = (0..<3).map { leg(.native, block: $0, windows([100, 101, 101, 100, 100, 101, 101, 100, 100, 101])) }
    let check = try #require(ComparisonBuilder(plannedBlocks: 3).checks(legs).first { $0.metric == "throughput" })
    // Either is over the other in turn, so that what drifts from round to round cancels.
    #expect(abs(check.ratio - 1.01) < 1e-9 && check.blocks == 3)
  }

  @Test func theMethodIsCheckedByTheNativeTwin() throws {
    let legs = (0..<3).map { block in
      leg(.native, block: block, windows([100, 100, 100, 100, 100]), twin: windows([101, 101, 101, 101, 101]))
    }
    let check = try #require(
      ComparisonBuilder(plannedBlocks: 3).checks(legs).first { $0.metric == "throughput" })
    #expect(abs(check.ratio - 1.01) < 1e-9 && check.blocks == 3)
  }

  @Test func hiccupsOfOneSideAreSaid() throws {
    // One turn in ten of the guest stands still for nine tenths: the typical turn is as fast.
    let slow = windows([100, 100, 100, 100, 100, 100, 100, 100, 100, 10])
    let legs = (0..<5).flatMap { block in
      [
        leg(.native, block: block, windows([UInt64](repeating: 100 + UInt64(block), count: 10))),
        leg(guest, block: block, slow),
      ]
    }
    let comparison = try #require(
      ComparisonBuilder(plannedBlocks: 5).build(legs).comparisons.first { $0.metric == "throughput" })
    #expect(comparison.ratio > 0.97)
    #expect(comparison.flags.contains(.unevenTurns))
    #expect(comparison.notes.contains { $0.hasPrefix("over all its turns, hiccups included, it is 9.0 % worse") })
  }

  @Test func turnsAreKeptAndReadBack() throws {
    let turns = TurnsRecord(
      length: 1000, rewarm: 100, windows: windows([1, 2, 3]), twin: windows([4, 5, 6]), disturbed: [1])
    let data = try JSONEncoder().encode(turns)
    #expect(String(decoding: data, as: UTF8.self).contains("\"operations\":\"1 2 3\""))
    #expect(try JSONDecoder().decode(TurnsRecord.self, from: data) == turns)
  }

  @Test(arguments: ["1 x 3", "1 -2 3", "1 2", "18446744073709551616 1 1"])
  func turnsThatAreNoneAreRefused(text: String) throws {
    let json = """
      {"length": 1, "rewarm": 1, "disturbed": [],
       "windows": {"operations": "\(text)", "nanoseconds": "1 1 1", "median": "1 1 1"}}
      """
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(TurnsRecord.self, from: Data(json.utf8)) }
  }

  @Test func variantsAreComparedRoundByRoundOnTheirOwnPath() throws {
    let (raw, other) = (
      windows([1000, 900, 800, 700, 600, 500]), windows([980, 882, 784, 686, 588, 490])
    )
    let legs = (0..<5).flatMap { block in
      [Path.native, guest].flatMap { path in
        [("raw", raw), ("qcow2", other)].map { format, windows in
          var leg = leg(path, block: block, value: 7, windows)
          leg.workload.parameters = ["format": ParameterValue(format)]
          return leg
        }
      }
    }
    let variants = ComparisonBuilder(plannedBlocks: 5).variants(legs, against: ["format": "raw"])
      .filter { $0.comparison.metric == "throughput" }
    #expect(variants.map(\.comparison.path) == [.native, guest])
    for variant in variants {
      #expect(variant.comparison.workload["format"] == "qcow2" && variant.comparison.blocks == 5)
      #expect(abs(variant.comparison.ratio - 0.98) < 1e-9)
      #expect(!variant.comparison.flags.contains(.superNative))
    }
    let text = try JSONEncoder().encode(variants)
    #expect(try JSONDecoder().decode([VariantRecord].self, from: text) == variants)
  }
}

@Suite struct MethodPoolTests {
  /// - Parameter width: from the ratio to either end of its interval, as a factor.
  private func check(_ name: String, _ metric: String, _ ratio: Double, width: Double? = nil) -> MethodCheckRecord {
    MethodCheckRecord(
      workload: Workload(name), metric: metric, ratio: ratio, low: width.map { ratio / $0 },
      high: width.map { ratio * $0 },
      level: 0.95, blocks: width == nil ? 1 : 5)
  }

  @Test func oneRateOfEachWorkloadCountsAndOneThatScattersDoesNotMoveIt() throws {
    let rates = [0.998, 0.999, 1, 1.001, 1.002, 1.46]
    let checks = rates.enumerated().flatMap { index, ratio in
      [
        check("cpu.w\(index)", "throughput", ratio, width: ratio > 1.1 ? 1.9 : 1.01),
        check("cpu.w\(index)", "time.p50", 3, width: 1.001),
      ]
    }
    let pool = try #require(ComparisonBuilder(plannedBlocks: 5).pool(checks))
    #expect(pool.workloads == 6)
    #expect(abs(pool.ratio - 1) < 0.0001)
    // Of six values the interval at 95 % reaches from the least to the largest.
    #expect(try abs(#require(pool.low) - 0.998) < 1e-12 && abs(#require(pool.high) - 1.46) < 1e-12)
  }

  @Test func ofOneBlockAllWorkloadsCountAlike() throws {
    let checks = [check("cpu.integer", "throughput", 0.99), check("cpu.float", "throughput", 1 / 0.99)]
    let pool = try #require(ComparisonBuilder(plannedBlocks: 1).pool(checks))
    #expect(abs(pool.ratio - 1) < 1e-12 && pool.low == nil && pool.high == nil)
  }

  @Test func oneWorkloadIsNoPool() {
    #expect(ComparisonBuilder(plannedBlocks: 5).pool([check("cpu.integer", "throughput", 1)]) == nil)
  }
}

@Suite struct CarryOverTests {
  @Test func aLegThatHurtsWhoeverComesAfterItIsNamed() throws {
    // After the copies the native leg is a tenth slower, whichever of its two turns that is.
    let before = (0..<10).map { $0 % 2 == 0 ? ["copies", "native"] : ["native", "copies"] as [String?] }
    let rates = before.map { $0.map { $0 == "copies" ? UInt64(900) : 1000 } }
    func windows(_ turn: Int) -> TurnsRecord.Windows {
      TurnsRecord.Windows(
        operations: rates.map { $0[turn] }, nanoseconds: rates.map { _ in 1000 }, median: rates.map { _ in 1 })
    }
    let legs = (0..<5).map { block in
      var leg = LegRecord(
        id: "\(block)", block: block, order: 0, path: .native, workload: Workload("cpu.integer"), status: .ok,
        metrics: [MetricRecord(name: "throughput", unit: "Mop/s", direction: .higher, value: 1)], startedAt: 0)
      var turns = TurnsRecord(length: 1000, rewarm: 100, windows: windows(0), twin: windows(1))
      turns.predecessors = TurnsRecord.Predecessors(before)
      leg.turns = turns
      return leg
    }
    let found = ComparisonBuilder(plannedBlocks: 5).carryOver(legs)
    #expect(found.map(\.after) == ["copies", "native"] && found.map(\.blocks) == [5, 5])
    #expect(abs(found[0].ratio - 0.9) < 1e-9 && abs(found[1].ratio - 1 / 0.9) < 1e-9)
    let coded = try JSONDecoder().decode(TurnsRecord.self, from: JSONEncoder().encode(#require(legs[0].turns)))
    #expect(coded == legs[0].turns)
  }
}
