import Results
import Testing

@Suite("Claims")
struct ClaimDecisionTests {
  func claim(margin: Double, parameters: [String: String] = [:]) -> ClaimRecord {
    ClaimRecord(
      id: "c", text: "t", source: "s", workload: "block.randread", parameters: parameters, metric: "iops",
      machine: .nearmetal, mode: .polled, margin: margin, verdict: .inconclusive)
  }

  func comparison(low: Double?, high: Double?, blocks: Int = 10, qd: String = "1") -> ComparisonRecord {
    ComparisonRecord(
      workload: "block.randread", parameters: ["qd": qd], metric: "iops", unit: "IOPS", direction: .higher,
      machine: .nearmetal, mode: .polled, reference: .native, value: 95, referenceValue: 100, ratio: 0.95, low: low,
      high: high, level: 0.95, blocks: blocks)
  }

  @Test(
    "The interval decides", arguments: [(0.9, ClaimVerdict.pass), (0.93, .pass), (0.95, .inconclusive), (0.98, .fail)])
  func interval(margin: Double, verdict: ClaimVerdict) {
    var claim = claim(margin: margin)
    claim.decide(by: [comparison(low: 0.93, high: 0.97)])
    #expect(claim.verdict == verdict && claim.low == 0.93 && claim.reason == nil)
  }

  @Test("Too few blocks are inconclusive and say how many are needed, however good they look")
  func tooFew() {
    var claim = claim(margin: 0.5)
    claim.decide(by: [comparison(low: 0.93, high: 0.97, blocks: 3)])
    #expect(claim.verdict == .inconclusive)
    #expect(claim.reason == "3 blocks cannot decide at level 0.95: at least 5 are needed")
  }

  @Test("No data is inconclusive")
  func noData() {
    var claim = claim(margin: 0.5)
    claim.decide(by: [])
    #expect(claim.verdict == .inconclusive && claim.reason != nil && claim.ratio == nil)
  }

  @Test("Where parameters are left free, one failing set fails the claim and shows its figures")
  func allMustHold() {
    var free = claim(margin: 0.9)
    free.decide(by: [comparison(low: 0.93, high: 0.97), comparison(low: 0.7, high: 0.8, qd: "32")])
    #expect(free.verdict == .fail && free.high == 0.8)
    var bound = claim(margin: 0.9, parameters: ["qd": "1"])
    bound.decide(by: [comparison(low: 0.93, high: 0.97), comparison(low: 0.7, high: 0.8, qd: "32")])
    #expect(bound.verdict == .pass)
  }
}
