import Results
import Testing

@Suite("Comparison of legs")
struct ComparisonBuilderTests {
  func native(_ block: Int, _ value: Double) -> LegRecord {
    MadeUp.leg(block, .native, .native, metrics: [MadeUp.iops(value)])
  }

  func polled(_ block: Int, _ value: Double, validity: [String] = [], cpu: Double? = nil) -> LegRecord {
    MadeUp.leg(block, .nearmetal, .polled, metrics: [MadeUp.iops(value)], validity: validity, cpu: cpu)
  }

  @Test("Legs pair by block, not by place, and the ratio is value over reference")
  func pairsByBlock() throws {
    let legs = [native(1, 200), polled(0, 90), native(0, 100), polled(1, 180)]
    let set = ComparisonBuilder(plannedBlocks: 2).build(legs)
    let comparison = try #require(set.comparisons.first)
    #expect(set.comparisons.count == 1 && set.summaries.isEmpty)
    #expect(abs(comparison.ratio - 0.9) < 1e-12)
    #expect(comparison.blocks == 2 && comparison.reference == .native)
    #expect(abs(comparison.value / comparison.referenceValue - comparison.ratio) < 1e-12)
    let low = try #require(comparison.low)
    #expect(abs(low - 0.9) < 1e-12)
    #expect(comparison.flags == [.fewBlocks])
  }

  @Test("A latency twice the native one is a ratio of one half")
  func latencyIsTurnedOver() {
    let legs = (0..<5).flatMap { block in
      [
        MadeUp.leg(block, .native, .native, metrics: [MadeUp.latency(10)]),
        MadeUp.leg(block, .nearmetal, .emulated, metrics: [MadeUp.latency(20)]),
      ]
    }
    let set = ComparisonBuilder(plannedBlocks: 5).build(legs)
    #expect(set.comparisons.map(\.ratio).allSatisfy { abs($0 - 0.5) < 1e-12 })
    #expect(set.comparisons.count == 1)
  }

  @Test("A block that lacks a side is left out and flagged, and a failed leg counts as absent")
  func missingBlocks() throws {
    var legs = (0..<6).flatMap { [native($0, 100), polled($0, 95)] }
    legs.removeAll { $0.block == 2 && $0.path.machine == .native }
    let failed = try #require(legs.firstIndex { $0.block == 4 && $0.path.machine == .nearmetal })
    (legs[failed].status, legs[failed].reason) = (.failed, "crashed")
    let comparison = try #require(ComparisonBuilder(plannedBlocks: 6).build(legs).comparisons.first)
    #expect(comparison.blocks == 4)
    #expect(comparison.flags == [.fewBlocks, .missingBlocks])
  }

  @Test("One block gives a ratio without an interval")
  func singleBlock() throws {
    let comparison = try #require(
      ComparisonBuilder(plannedBlocks: 1).build([native(0, 100), polled(0, 150)]).comparisons.first)
    #expect(comparison.low == nil && comparison.high == nil)
    #expect(comparison.flags == [.singleBlock, .fewBlocks])
    #expect(abs(comparison.ratio - 1.5) < 1e-12)
  }

  @Test("Faster than the metal by more than noise is flagged, with a cause to look for")
  func superNative() throws {
    let legs = (0..<5).flatMap { block in
      [
        MadeUp.leg(block, .native, .native, metrics: [MadeUp.iops(100)], cpu: 1),
        polled(block, 130 + Double(block), cpu: 2),
      ]
    }
    let comparison = try #require(ComparisonBuilder(plannedBlocks: 5).build(legs).comparisons.first)
    #expect(comparison.flags == [.superNative])
    #expect(comparison.notes.contains { $0.contains("2.0 times the native CPU time") })
    // Within noise it is no flag.
    let noisy = [130.0, 80, 118, 92, 104].enumerated().flatMap { [native($0, 100), polled($0, $1)] }
    #expect(ComparisonBuilder(plannedBlocks: 5).build(noisy).comparisons.first?.flags == [])
  }

  @Test func twoLevelsOfAPolledModeAreSaidWithHowFarApartTheCPUsWere() throws {
    var run = RunRecord(
      id: "r", startedAt: "2026-11-22T10:15:00Z", suite: "s", seed: 1, blocks: 6, command: ["nearmetal"],
      tool: ToolRecord(version: "1", revision: "r", swift: "6"), buildConfiguration: .release)
    run.handOffs = [60, 105, 61, 104, 59, 106]
    let legs = [71.0, 48, 71.3, 47.8, 70.9, 48.1].enumerated().flatMap { [native($0, 100), polled($0, $1)] }
    let comparison = try #require(ComparisonBuilder(run).build(legs).comparisons.first)
    #expect(comparison.flags == [.levels])
    #expect(
      comparison.notes == [
        "two levels: 0.711 in blocks 0, 2, 4 (hand-off 60 ns), 0.48 in blocks 1, 3, 5 (hand-off 105 ns)"
      ])
  }

  /// Legs of a polled mode and of native, twenty rounds each, in blocks whose ratios and hand-offs are given.
  private func moved(_ blocks: [(ratio: Double, handOffs: [UInt64])]) -> [LegRecord] {
    blocks.enumerated().flatMap { block, given in
      var legs = [native(block, 100), polled(block, 100 * given.ratio)]
      for index in legs.indices {
        let nanoseconds = index == 0 ? 1_000_000 : UInt64((1_000_000 / given.ratio).rounded())
        legs[index].turns = TurnsRecord(
          length: 1_000_000, rewarm: 0,
          windows: TurnsRecord.Windows(
            operations: Array(repeating: 1000, count: 20), nanoseconds: Array(repeating: nanoseconds, count: 20),
            median: Array(repeating: 1000, count: 20)))
      }
      legs[1].turns?.handOffs = TurnsRecord.HandOffs(rounds: [0, 10, 20], nanoseconds: given.handOffs)
      return legs
    }
  }

  @Test func blocksInWhichTheCPUsWereElsewhereAreToldApart() throws {
    let usual: [(Double, [UInt64])] = (0..<6).map { (0.8 + Double($0 % 2) / 1000, [90, 100, 110]) }
    let legs = moved(usual + [(0.43, [370, 400, 380]), (0.7, [55, 52, 54])])
    let comparison = try #require(ComparisonBuilder(plannedBlocks: 8).build(legs).comparisons.first)
    #expect(comparison.blocks == 6 && abs(comparison.ratio - 0.8005) < 1e-6)
    #expect(comparison.flags == [.levels])
    #expect(
      comparison.notes == [
        "the two CPUs moved: the ratio is of 6 of 8 blocks, a hand-off of 100 ns; 0.43 in blocks 6, farther apart (380 ns); "
          + "0.7 in blocks 7, nearer (54 ns)"
      ])
  }

  @Test func whatLacksBlocksForThatIsNamed() {
    let usual: [(Double, [UInt64])] = Array(repeating: (0.8, [90, 100, 110]), count: 5)
    let legs = moved(usual + [(0.43, [370, 400, 380])])
    #expect(Series.movedWorkloads(in: legs, blocks: 5) == [])
    #expect(Series.movedWorkloads(in: legs, blocks: 6) == [legs[0].workload])
    #expect(Series.movedWorkloads(in: moved(usual), blocks: 6) == [], "what failed is not measured again for it")
  }

  @Test func ofABlockInWhichTheCPUsMovedTheRoundsBeforeCount() throws {
    var legs = moved((0..<5).map { _ in (0.8, [100, 100, 100]) } + [(0.8, [100, 100, 400])])
    // Slower at the other end of the package, where the last ten rounds may have been.
    for round in 10..<20 { legs[11].turns?.windows.nanoseconds[round] = 3_000_000 }
    let comparison = try #require(ComparisonBuilder(plannedBlocks: 6).build(legs).comparisons.first)
    #expect(comparison.blocks == 6 && abs(comparison.ratio - 0.8) < 1e-6 && comparison.flags == [])
  }

  @Test func aBlockWithFewRoundsLeftIsOfTheOtherDistance() throws {
    var legs = moved((0..<5).map { _ in (0.8, [100, 100, 100]) } + [(0.8, [])])
    // Of eighty rounds eight are left, which a pause made slow.
    for index in [10, 11] {
      let windows = legs[index].turns!.windows
      legs[index].turns?.windows = TurnsRecord.Windows(
        operations: Array(repeating: windows.operations[0], count: 80),
        nanoseconds: (0..<80).map { ($0 < 8 && index == 11 ? 5 : 1) * windows.nanoseconds[0] },
        median: Array(repeating: windows.median[0], count: 80))
    }
    legs[11].turns?.handOffs = TurnsRecord.HandOffs(rounds: [0, 8, 12], nanoseconds: [100, 100, 400])
    let comparison = try #require(ComparisonBuilder(plannedBlocks: 6).build(legs).comparisons.first)
    #expect(comparison.blocks == 5 && abs(comparison.ratio - 0.8) < 1e-6)
    #expect(comparison.notes.first?.hasPrefix("the two CPUs moved: the ratio is of 5 of 6 blocks") == true)
  }

  @Test func withoutAUsualDistanceEveryBlockCounts() throws {
    let legs = moved([(0.8, [50, 50, 50]), (0.8, [100, 100, 100]), (0.4, [200, 200, 200]), (0.4, [400, 400, 400])])
    let comparison = try #require(ComparisonBuilder(plannedBlocks: 4).build(legs).comparisons.first)
    #expect(comparison.blocks == 4 && abs(comparison.ratio - 0.32.squareRoot()) < 1e-6)
  }

  @Test("A metric that has no native counterpart is summarised with a t interval")
  func summary() throws {
    let legs = [1.0, 2, 3].enumerated().map { block, value in
      MadeUp.leg(
        block, .nearmetal, .guest, "exits.cpuid", parameters: [:],
        metrics: [MetricRecord(name: "cost", unit: "ns", direction: .lower, value: value)])
    }
    let set = ComparisonBuilder(plannedBlocks: 3).build(legs)
    let summary = try #require(set.summaries.first)
    #expect(set.comparisons.isEmpty && set.summaries.count == 1)
    #expect(summary.mean == 2 && summary.blocks == 3 && summary.flags == [.fewBlocks])
    // 2 ± 4.30265 / √3
    #expect(abs((summary.high ?? 0) - (2 + 4.302652729749464 / 3.0.squareRoot())) < 1e-9)
  }

  @Test("Where the native leg failed, the guest's figures are kept and say that the reference is missing")
  func referenceMissing() throws {
    var broken = native(0, 1)
    (broken.status, broken.reason, broken.metrics) = (.failed, "I/O error", [])
    let set = ComparisonBuilder(plannedBlocks: 1).build([broken, polled(0, 100)])
    #expect(set.comparisons.isEmpty)
    #expect(set.summaries.first?.flags.contains(.referenceMissing) == true)
  }

  @Test("Native figures with nothing beside them are summarised")
  func nativeAlone() {
    let set = ComparisonBuilder(plannedBlocks: 1).build([native(0, 100)])
    #expect(set.summaries.map(\.path.machine) == [.native])
    #expect(set.summaries.first?.flags == [.singleBlock, .fewBlocks])
  }

  @Test("Nearmetal is also compared with QEMU in the same mode, and only in the same mode")
  func peer() {
    let legs = (0..<5).flatMap { block in
      [
        native(block, 100), polled(block, 90), MadeUp.leg(block, .qemu, .paravirtual, metrics: [MadeUp.iops(40)]),
        MadeUp.leg(block, .nearmetal, .paravirtual, metrics: [MadeUp.iops(80)]),
      ]
    }
    let set = ComparisonBuilder(plannedBlocks: 5).build(legs)
    let peers = set.comparisons.filter { $0.reference == .qemu }
    #expect(peers.count == 1 && peers.first?.path.mode == .paravirtual)
    #expect(abs((peers.first?.ratio ?? 0) - 2) < 1e-12)
    #expect(peers.first?.flags == [], "a peer that is slower is no sign of unequal work")
    #expect(set.comparisons.filter { $0.reference == .native }.count == 3)
  }

  @Test("Figures in different units are never divided by each other")
  func unitsMustAgree() {
    var leg = polled(0, 100)
    leg.metrics[0].unit = "kIOPS"
    #expect(ComparisonBuilder(plannedBlocks: 1).build([native(0, 100), leg]).comparisons.isEmpty)
  }

  @Test("A zero has no ratio: its block is left out and said so; disturbed legs stay in and are said so")
  func zeroAndDisturbed() throws {
    var legs = (0..<6).flatMap { [native($0, 100), polled($0, $0 == 3 ? 0 : 95)] }
    legs[0].validity = ["steal 4 %"]
    let comparison = try #require(ComparisonBuilder(plannedBlocks: 6).build(legs).comparisons.first)
    #expect(comparison.blocks == 5 && comparison.flags == [.disturbedLegs, .nonPositive])
  }

  @Test("The order in which legs ran does not change a byte")
  func orderDoesNotMatter() throws {
    let result = try MadeUp.result()
    let reversed = ComparisonBuilder(plannedBlocks: 6).build(result.legs.reversed())
    #expect(reversed.comparisons == result.comparisons)
    #expect(reversed.summaries == result.summaries)
  }
}
