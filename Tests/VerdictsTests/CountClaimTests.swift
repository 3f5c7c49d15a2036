import Results
import Testing

@testable import Verdicts

@Suite("Claims about counts")
struct CountClaimTests {
  private func decide(_ counts: [String: [Double]], most: Double) -> ClaimRecord {
    let legs = counts.sorted { $0.key < $1.key }.flatMap { qd, values in
      values.enumerated().map { block, value in
        MadeUp.leg(
          block, .nearmetal, .polled, "block.randread", ["bs": "4KiB", "qd": ParameterValue(qd)],
          [MadeUp.metric("exits.perOperation", "1/op", value)])
      }
    }
    let claim = Claim(
      id: "c", text: "t", source: "s", workload: Workload("block.randread", [:]), metric: "exits.perOperation",
      path: Path(.nearmetal, .polled), test: .count, margin: most, requirement: .blocker)
    let blocks = counts.values.map(\.count).max() ?? 1
    return ClaimJudge.decide([claim], MadeUp.result("r", legs: legs, blocks: blocks))[0]
  }

  @Test("An integer decides, whatever the edges of windows cut", arguments: [(12.0, ClaimVerdict.pass), (11, .fail)])
  func integers(most: Double, verdict: ClaimVerdict) {
    let record = decide(["1": [12, 12.003, 11.998]], most: most)
    #expect(record.verdict == verdict)
    #expect(record.ratio == 12 && record.low == 12 && record.high == 12)
    #expect(record.level == nil && record.blocks == 3)
  }

  @Test("One block of an integer decides") func oneBlock() {
    #expect(decide(["1": [0]], most: 0).verdict == .pass)
    #expect(decide(["1": [1]], most: 0).verdict == .fail)
  }

  @Test("What is no integer is decided by its interval") func scattered() {
    let counts = ["1": [2.31, 2.44, 2.38, 2.29, 2.41, 2.36]]
    #expect(decide(counts, most: 3).verdict == .pass)
    #expect(decide(counts, most: 2.37).verdict == .inconclusive)
    let record = decide(counts, most: 2)
    #expect(record.verdict == .fail)
    #expect(record.level == 0.995)
    #expect((record.low ?? 0) < 2.365 && (record.high ?? 0) > 2.365)
  }

  @Test("The claim holds for every variant that it leaves free") func variants() {
    #expect(decide(["1": [1, 1], "32": [1, 1]], most: 1).verdict == .pass)
    #expect(decide(["1": [1, 1], "32": [2, 2]], most: 1).verdict == .fail)
    #expect(decide(["1": [1, 1], "32": [0.3]], most: 1).verdict == .inconclusive)
  }

  @Test("Nothing counted is undecided, with the reason") func absent() {
    let record = decide([:], most: 1)
    #expect(record.verdict == .inconclusive && record.ratio == nil)
    #expect(record.reason == "block.randread was not measured on nearmetal polled")
  }
}
