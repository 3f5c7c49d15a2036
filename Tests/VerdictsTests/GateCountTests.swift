import Results
import Statistics
import Testing
import Verdicts

@Suite struct GateCountTests {
  private func run(_ id: String, exits: [Double], iops: Double = 1000) -> RunResult {
    let legs = exits.enumerated().map { block, count in
      MadeUp.leg(
        block, .nearmetal, .emulated, "block.randread", ["bs": "4KiB", "qd": "1"],
        [
          MadeUp.metric("iops", "IOPS", iops * (1 + 0.01 * Double(block % 3)), .higher),
          MadeUp.metric("exits.perOperation", "1/op", count),
        ])
    }
    return MadeUp.result(id, legs: legs, blocks: exits.count, interleaving: "i")
  }

  private func counts(_ base: [Double], _ head: [Double]) throws -> GateComparison {
    let verdict = try Gate.decide(base: run("base", exits: base), head: run("head", exits: head))
    return try #require(verdict.comparisons.first { $0.basis == .counts })
  }

  @Test func oneMoreExitForEachOperationIsARegressionWhateverTheTimesSay() throws {
    let verdict = try Gate.decide(
      base: run("base", exits: [12, 12.01, 12, 12.02, 12, 12, 12.01]),
      head: run("head", exits: [13, 13, 13.01, 13, 13, 13.02, 13], iops: 1010))
    #expect(verdict.verdict == .fail && verdict.headline.contains("1 regression (1 by counts)"))
    let found = try #require(verdict.comparisons.first)
    #expect(found.outcome == .regression && found.basis == .counts && found.difference == 1 && found.differenceLow == 1)
    #expect(found.regressionProbability == nil)
  }

  @Test func equalIntegersAreUnchangedAndFewerExitsAnImprovement() throws {
    #expect(try counts([12, 12, 12, 12, 12, 12, 12], [12.02, 12, 12, 12, 12, 12, 12]).outcome == .unchanged)
    #expect(try counts([12, 12, 12, 12, 12, 12, 12], [11, 11, 11, 11, 11, 11, 11]).outcome == .improvement)
    #expect(try counts([0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0]).outcome == .unchanged)
    #expect(try counts([0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1]).outcome == .regression)
  }

  @Test func blocksThatTheHostDisturbedDoNotHideWhatTheOthersSay() throws {
    let base = [12, 12.31, 12, 13.27, 12, 12, 12]
    #expect(try counts(base, [13, 13, 14.6, 13, 13.4, 13, 13]).outcome == .regression)
    #expect(try counts(base, [12, 12, 12.3, 12, 12, 13.1, 12]).outcome != .regression)
    // Most blocks are as before and the others always have much more: that is found by the test.
    let often = try counts([12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12], [12, 12, 12, 12, 12, 12, 22, 22, 22, 22, 22])
    #expect(often.outcome != .unchanged)
  }

  @Test func countsThatScatterAreTestedAndNoiseIsNoRegression() throws {
    let base = [3.14, 3.09, 3.19, 3.12, 3.16, 3.1, 3.15]
    #expect(try counts(base, [3.16, 3.11, 3.12, 3.18, 3.09, 3.15, 3.13]).outcome == .unchanged)
    let more = try counts(base, base.reversed().map { $0 + 1 })
    #expect(more.outcome == .regression)
    let difference = try #require(more.difference)
    let low = try #require(more.differenceLow)
    #expect(abs(difference - 1) < 0.05 && low > 0.8)
    // Wild counts decide nothing.
    #expect(try counts([1, 9, 2, 8, 3, 7, 1], [9, 1, 8, 2, 7, 3, 9]).outcome == .inconclusive)
  }
}

@Suite struct GatePoolTests {
  @Test func aSmallCostThatAllSiblingsShareIsFoundInThePoolAlone() throws {
    var random = SeededRandom(seed: 5)
    func run(_ id: String, _ slowdown: Double) -> RunResult {
      MadeUp.result(
        id, series: (0..<8).map { _ in (0..<10).map { _ in 1000 / slowdown * (1 + 0.03 * random.gaussian()) } },
        interleaving: "i")
    }
    let verdict = try Gate.decide(base: run("base", 1), head: run("head", 1.03))
    let pool = try #require(verdict.pools.first)
    #expect(pool.siblings == 8 && pool.outcome == .regression && abs(pool.ratio - 1 / 1.03) < 0.01)
    #expect(verdict.count(.regression) == 0 && verdict.verdict == .fail)
    #expect(verdict.findings.first?.workload == Workload("block.randread"))
    let same = try Gate.decide(base: run("base", 1), head: run("head", 1))
    #expect(same.pools.map(\.outcome) == [.unchanged])
  }

  @Test func aWorkloadWithOneSetOfParametersHasNoPool() throws {
    let base = MadeUp.result("base", iops: GateDecisionTests.wobble, interleaving: "i")
    #expect(try Gate.decide(base: base, head: base).pools.isEmpty)
  }
}

@Suite struct GateRunsTests {
  private func run(_ id: String, native: Double, guest: Double, _ wobble: [Double]) -> RunResult {
    let legs = wobble.enumerated().flatMap { block, factor in
      [
        MadeUp.leg(
          block, .native, .native, "block.randread", ["qd": "1"],
          [MadeUp.metric("iops", "IOPS", native * factor, .higher)]),
        MadeUp.leg(
          block, .nearmetal, .polled, "block.randread", ["qd": "1"],
          [MadeUp.metric("iops", "IOPS", guest * factor, .higher)]),
      ]
    }
    return MadeUp.result(id, legs: legs, blocks: wobble.count)
  }

  @Test func whatDriftedBetweenTwoRunsCancelsInTheGuestAndShowsNatively() throws {
    let base = run("base", native: 1000, guest: 500, GateDecisionTests.wobble)
    let head = run("head", native: 900, guest: 450, GateDecisionTests.wobble.reversed())
    let verdict = try Gate.decide(base: base, head: head)
    let guest = try #require(verdict.comparisons.first { $0.path == Path(.nearmetal, .polled) })
    #expect(guest.basis == .relative && guest.outcome == .unchanged && abs((guest.ratio ?? 0) - 1) < 1e-9)
    #expect(abs((guest.raw ?? 0) - 0.9) < 1e-9)
    let native = try #require(verdict.comparisons.first { $0.path.isNative })
    #expect(native.basis == .times && native.outcome == .regression)
  }

  @Test func whatSlowsTheGuestAloneIsFoundThroughDrift() throws {
    let base = run("base", native: 1000, guest: 500, GateDecisionTests.wobble)
    let head = run("head", native: 1200, guest: 540, GateDecisionTests.wobble.reversed())
    let verdict = try Gate.decide(base: base, head: head)
    let guest = try #require(verdict.comparisons.first { $0.path == Path(.nearmetal, .polled) })
    #expect(guest.outcome == .regression && abs((guest.ratio ?? 0) - 0.9) < 1e-9)
    let raw = try #require(guest.raw)
    #expect(raw > 1)
  }

  @Test func whatFailedOnBothSidesIsNamedAndKeepsTheGateFromPassing() throws {
    func failed(_ id: String) -> RunResult {
      var result = MadeUp.result(id, iops: GateDecisionTests.wobble, interleaving: "i")
      var leg = MadeUp.leg(0, .nearmetal, .emulated, "block.randread", [:], [])
      (leg.status, leg.reason) = (.failed, "a wrong byte")
      result.legs.append(leg)
      return result
    }
    let verdict = try Gate.decide(base: failed("base"), head: failed("head"))
    let found = try #require(verdict.comparisons.first)
    #expect(found.outcome == .inconclusive && found.reason?.contains("a wrong byte") == true)
    #expect(verdict.verdict == .inconclusive)
  }

  @Test func whatWasSkippedOnBothSidesIsSaidAndNotCountedAsUnchanged() throws {
    func skipped(_ id: String) -> RunResult {
      var result = MadeUp.result(id, iops: GateDecisionTests.wobble, interleaving: "i")
      var leg = MadeUp.leg(0, .nearmetal, .vhost, "net.bulk", [:], [])
      (leg.status, leg.reason) = (.skipped, "no /dev/vhost-net")
      result.legs.append(leg)
      return result
    }
    let verdict = try Gate.decide(base: skipped("base"), head: skipped("head"))
    #expect(verdict.comparisons.count == 1 && verdict.verdict == .pass)
    #expect(verdict.warnings.contains { $0.contains("net.bulk on nearmetal vhost: no /dev/vhost-net") })
  }

  @Test func suitesOfOneNameWithOtherContentAndLegsOnOtherCPUsAreSaid() throws {
    func run(_ id: String, window: UInt64, cpu: Int) -> RunResult {
      var result = MadeUp.result(id, iops: GateDecisionTests.wobble, interleaving: "i")
      result.run.content = SuiteRecord(
        warmup: 1, window: window, turn: "standard", memory: 1 << 20, disk: 0, pages: "thp", entries: [])
      result.run.placement = PlacementRecord(
        plan: "same-node", vcpu: cpu, io: 1, vcpuNode: nil, ioNode: nil, memoryNode: nil, deviceNode: nil,
        deviceReason: nil, hugePages: "thp")
      return result
    }
    let verdict = try Gate.decide(
      base: run("base", window: 80_000_000, cpu: 0), head: run("head", window: 40_000_000, cpu: 2))
    #expect(verdict.warnings.contains { $0.contains("a window of 80.0 ms in the base, 40.0 ms in the head") })
    #expect(verdict.warnings.contains { $0.contains("CPU is 0 in the base, 2 in the head") })
  }

  @Test func turnsOfOtherLengthsAndCPUsAtAnotherDistanceAreSaid() throws {
    func run(_ id: String, turn: UInt64, handOff: UInt64) -> RunResult {
      var result = MadeUp.result(id, iops: GateDecisionTests.wobble)
      let ones = [UInt64](repeating: 1000, count: 20)
      for index in result.legs.indices {
        var turns = TurnsRecord(
          length: turn, rewarm: 0, windows: TurnsRecord.Windows(operations: ones, nanoseconds: ones, median: ones))
        turns.handOffs = TurnsRecord.HandOffs(rounds: [0, 20], nanoseconds: [handOff, handOff])
        result.legs[index].turns = turns
      }
      return result
    }
    let base = run("base", turn: 500_000, handOff: 95)
    let verdict = try Gate.decide(base: base, head: run("head", turn: 2_000_000, handOff: 390))
    #expect(verdict.warnings.contains { $0.contains("took 95 ns in the base and 390 ns in the head") })
    #expect(verdict.warnings.contains { $0.contains("lasted 0.5 ms in the base and 2.0 ms in the head") })
    #expect(try Gate.decide(base: base, head: run("head", turn: 500_000, handOff: 110)).warnings == [])
  }

  @Test func aBlockOfAnotherDistanceIsNoFigureOfASide() throws {
    func run(_ id: String) -> RunResult {
      var result = MadeUp.result(id, iops: GateDecisionTests.wobble + [0.4])
      let ones = [UInt64](repeating: 1000, count: 20)
      for index in result.legs.indices {
        var turns = TurnsRecord(
          length: 1000, rewarm: 0, windows: TurnsRecord.Windows(operations: ones, nanoseconds: ones, median: ones))
        let handOff: UInt64 = index == result.legs.count - 1 ? 390 : 95
        turns.handOffs = TurnsRecord.HandOffs(rounds: [0, 20], nanoseconds: [handOff, handOff])
        result.legs[index].turns = turns
      }
      return result
    }
    let comparison = try #require(try Gate.decide(base: run("base"), head: run("head")).comparisons.first)
    #expect(comparison.baseBlocks == GateDecisionTests.wobble.count)
  }

  @Test func sidesThatTookTurnsWithEachOtherAreComparedWhereverTheCPUsWere() throws {
    // Six of ten blocks are of another distance: too few would be left.
    func run(_ id: String, nanoseconds: UInt64, isPaced: Bool) -> RunResult {
      var result = MadeUp.result(id, iops: GateDecisionTests.wobble, interleaving: "i")
      result.run.isPaced = isPaced
      for (index, block) in result.legs.indices.enumerated() {
        let isFar = block % 5 > 1
        let times = (0..<20).map { UInt64($0 % 3) + nanoseconds * (isFar ? 2 : 1) }
        var turns = TurnsRecord(
          length: 1000, rewarm: 0,
          windows: TurnsRecord.Windows(
            operations: [UInt64](repeating: 1000, count: 20), nanoseconds: times, median: times))
        turns.handOffs = TurnsRecord.HandOffs(
          rounds: isFar ? [0] : [0, 10, 20], nanoseconds: isFar ? [390] : [95, 95, 95])
        result.legs[index].turns = turns
      }
      return result
    }
    let base = run("base", nanoseconds: 1_000_000, isPaced: true)
    let head = run("head", nanoseconds: 1_100_000, isPaced: true)
    let comparison = try #require(try Gate.decide(base: base, head: head).comparisons.first)
    #expect(comparison.outcome == .regression && comparison.baseBlocks == 10)
    #expect(abs((comparison.ratio ?? 0) - 1 / 1.1) < 1e-4)
    let apart = try Gate.decide(
      base: run("base", nanoseconds: 1_000_000, isPaced: false),
      head: run("head", nanoseconds: 1_100_000, isPaced: false))
    #expect(apart.comparisons.first?.baseBlocks == 4, "apart, each side had its own distance")
  }

  @Test func aHeadThatFailedFailsTheGateWithThePairsSoFar() throws {
    let few = MadeUp.result("base", iops: [1, 1.01, 1], interleaving: "i")
    let verdict = try Gate.decide(base: few, head: few, failure: GateFailure(side: "head", reason: "killed"))
    #expect(verdict.verdict == .fail && verdict.headline.contains("the head ended early: killed"))
    #expect(verdict.comparisons.count == 1)
    let base = try Gate.decide(base: few, head: few, failure: GateFailure(side: "base", reason: "killed"))
    #expect(base.verdict == .inconclusive)
  }
}
