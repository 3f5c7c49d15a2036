import Results
import Statistics
import Testing
import Verdicts

@Suite("The gate's decisions")
struct GateDecisionTests {
  /// Ten blocks that scatter by about 1 %, the same in every run.
  static let wobble = [0.99, 1.005, 1.0, 1.012, 0.996, 0.988, 1.003, 1.01, 0.995, 1.001]

  func runs(
    slowdown: Double, interleaving: String? = "i", drift: Double = 0, _ change: (inout RunResult) -> Void = { _ in }
  ) -> (base: RunResult, head: RunResult) {
    let base = Self.wobble.enumerated().map { $1 * (1 + drift * Double($0)) * 1000 }
    let head = Self.wobble.reversed().enumerated().map { $1 * (1 + drift * Double($0)) * 1000 / slowdown }
    var result = MadeUp.result("head", iops: head, interleaving: interleaving)
    change(&result)
    return (MadeUp.result("base", iops: base, interleaving: interleaving), result)
  }

  @Test("A slowdown beyond noise is a regression, and fails the gate", arguments: ["i", nil])
  func regression(interleaving: String?) throws {
    let runs = runs(slowdown: 1.1, interleaving: interleaving)
    let verdict = try Gate.decide(base: runs.base, head: runs.head)
    #expect(verdict.verdict == .fail && verdict.isPaired == (interleaving != nil))
    let comparison = try #require(verdict.comparisons.first)
    #expect(comparison.outcome == .regression)
    #expect(try abs(#require(comparison.ratio) - 1 / 1.1) < 1e-3)
  }

  @Test("Equal builds with little noise pass, a speed-up is an improvement")
  func unchangedAndImproved() throws {
    let same = runs(slowdown: 1)
    #expect(try Gate.decide(base: same.base, head: same.head).verdict == .pass)
    let faster = runs(slowdown: 0.9)
    let verdict = try Gate.decide(base: faster.base, head: faster.head)
    #expect(verdict.comparisons.map(\.outcome) == [.improvement] && verdict.verdict == .pass)
    let strict = try Gate.decide(base: faster.base, head: faster.head, GateOptions(failOn: [.improvement]))
    #expect(strict.verdict == .fail)
  }

  @Test(
    "Where a slowdown as large as the margin cannot be excluded the gate is inconclusive and says how many blocks decide"
  )
  func inconclusive() throws {
    let runs = runs(slowdown: 1)
    let options = GateOptions(margin: 0.005, minimumEffect: 0.005)
    let verdict = try Gate.decide(base: runs.base, head: runs.head, options)
    let comparison = try #require(verdict.comparisons.first)
    #expect(verdict.verdict == .inconclusive && comparison.outcome == .inconclusive)
    #expect(try #require(comparison.blocksToDecide) > 10)
    #expect(
      try Gate.decide(
        base: runs.base, head: runs.head, GateOptions(margin: 0.005, minimumEffect: 0.005, failOn: [.inconclusive])
      ).verdict == .fail)
  }

  @Test("A slowdown below the minimum effect is none, however certain it is")
  func minimumEffect() throws {
    let runs = runs(slowdown: 1.015)
    let sharp = try Gate.decide(base: runs.base, head: runs.head, GateOptions(alpha: 0.05, minimumEffect: 0))
    #expect(sharp.comparisons.map(\.outcome) == [.regression])
    let blunt = try Gate.decide(base: runs.base, head: runs.head, GateOptions(alpha: 0.05))
    #expect(blunt.comparisons.map(\.outcome) == [.unchanged])
  }

  @Test("Pairs cancel what a block's two sides share; independent runs do not")
  func pairing() throws {
    let paired = runs(slowdown: 1.04, drift: 0.05)
    let apart = runs(slowdown: 1.04, interleaving: nil, drift: 0.05)
    #expect(try Gate.decide(base: paired.base, head: paired.head).comparisons.map(\.outcome) == [.regression])
    #expect(try Gate.decide(base: apart.base, head: apart.head).comparisons.map(\.outcome) == [.inconclusive])
  }

  @Test("A latency that grows is a regression too")
  func latency() throws {
    let base = MadeUp.result("base", latency: Self.wobble.map { 100 * $0 }, interleaving: "i")
    let head = MadeUp.result("head", latency: Self.wobble.reversed().map { 110 * $0 }, interleaving: "i")
    let comparison = try #require(try Gate.decide(base: base, head: head).comparisons.first)
    #expect(comparison.outcome == .regression && comparison.direction == .lower)
    #expect(try #require(comparison.ratio) < 0.95)
  }

  @Test("Holm within the family: one doubtful comparison among many good ones is no regression")
  func family() throws {
    let doubtful = Self.wobble.enumerated().map { $1 * 1000 * ($0 == 2 ? 1.02 : 0.983) }
    func run(_ id: String, _ first: [Double]) -> RunResult {
      MadeUp.result(id, series: [first] + (0..<30).map { _ in Self.wobble.map { 1000 * $0 } }, interleaving: "i")
    }
    let (base, head) = (run("base", Self.wobble.map { 1000 * $0 }), run("head", doubtful))
    func outcomes(_ family: GateFamily) throws -> [GateOutcome] {
      let options = GateOptions(alpha: 0.01, family: family, minimumEffect: 0.01)
      return try Gate.decide(base: base, head: head, options).comparisons.map(\.outcome)
    }
    #expect(try outcomes(.none).first == .regression)
    #expect(try outcomes(.workload).first == .regression)
    #expect(try !outcomes(.gate).contains(.regression))
  }

  @Test("Too few blocks for the error asked are refused, not passed")
  func tooFew() throws {
    let four = MadeUp.result("base", iops: [1, 1, 1, 1], interleaving: "i")
    #expect(throws: GateError.tooFewBlocks(run: "base", have: 4, need: 7, alpha: 0.01)) {
      try Gate.decide(base: four, head: four)
    }
    // Two independent runs of five blocks can be told apart at 1 in 252.
    let five = MadeUp.result("base", iops: [1, 1.01, 1, 1, 1])
    #expect(try Gate.decide(base: five, head: five).comparisons.count == 1)
    #expect(throws: GateError.self) { try Gate.decide(base: five, head: five, GateOptions(alpha: 0.001)) }
  }

  @Test("An extension that was declared halves the error, used or not")
  func extensionIsPaidFor() throws {
    let runs = runs(slowdown: 1) { $0.run.extension = ExtensionRecord(blocks: 5) }
    #expect(try Gate.decide(base: runs.base, head: runs.head).alpha == 0.005)
  }

  @Test("What ran in the base and fails in the head is a regression; what was skipped is inconclusive")
  func lost() throws {
    for (status, outcome) in [(LegStatus.failed, GateOutcome.regression), (.skipped, .inconclusive)] {
      let series = [Self.wobble, Self.wobble]
      let base = MadeUp.result("base", series: series, interleaving: "i")
      var head = MadeUp.result("head", series: series, interleaving: "i")
      for index in head.legs.indices where head.legs[index].workload["qd"] == "1" {
        (head.legs[index].status, head.legs[index].reason, head.legs[index].metrics) = (status, "a wrong byte", [])
      }
      let comparison = try #require(try Gate.decide(base: base, head: head).comparisons.first)
      #expect(comparison.outcome == outcome && comparison.workload["qd"] == "1")
      #expect(comparison.reason?.contains("a wrong byte") == true && comparison.ratio == nil)
    }
  }

  @Test("Only headline metrics and counts are judged unless more are asked for")
  func metrics() throws {
    let runs = runs(slowdown: 1) { result in
      for index in result.legs.indices { result.legs[index].metrics.append(MadeUp.metric("latency", "ns", 2)) }
    }
    var base = runs.base
    for index in base.legs.indices { base.legs[index].metrics.append(MadeUp.metric("latency", "ns", 1)) }
    #expect(try Gate.decide(base: base, head: runs.head).comparisons.map(\.metric) == ["iops"])
    let all = try Gate.decide(base: base, head: runs.head, GateOptions(metrics: ["all"]))
    #expect(all.comparisons.map(\.metric) == ["latency", "iops"])
    #expect(throws: GateError.self) {
      try Gate.decide(base: base, head: runs.head, GateOptions(metrics: ["no-such-metric"]))
    }
  }

  @Test("Options out of range are refused with what was expected")
  func options() {
    for options in [GateOptions(margin: 1), GateOptions(alpha: 0.5), GateOptions(margin: 0.01, minimumEffect: 0.02)] {
      #expect(throws: GateError.self) {
        try Gate.decide(
          base: MadeUp.result("a", iops: Self.wobble), head: MadeUp.result("b", iops: Self.wobble), options)
      }
    }
  }
}
