import Results
import Statistics
import Testing
import Verdicts

@Suite struct SequentialClaimTests {
  private let judge = ClaimJudgeTests()

  private func run(_ share: Double, blocks: Int, _ change: (inout SequentialRecord) -> Void = { _ in }) -> RunResult {
    var result = judge.result(polled: ["1": share], blocks: blocks)
    var sequential = SequentialRecord(
      spending: "pocock", atMost: 600, looks: [SequentialRecord.Look(blocks: blocks, share: Double(blocks) / 40)])
    change(&sequential)
    result.run.sequential = sequential
    return result
  }

  @Test func anEarlyLookIsSurerThanOneWithoutLooksAndOneTooEarlyDecidesNothing() throws {
    let claim = judge.claim(margin: 0.9)
    let fixed = try #require(ClaimJudge.decide([claim], judge.result(polled: ["1": 0.95], blocks: 10)).first)
    let early = try #require(ClaimJudge.decide([claim], run(0.95, blocks: 10)).first)
    let lows = [try #require(early.low), try #require(fixed.low)]
    #expect(lows[0] < lows[1] && early.verdict == .pass)
    let first = try #require(ClaimJudge.decide([claim], run(0.95, blocks: 3)).first)
    #expect(first.verdict == .inconclusive && first.reason?.contains("too early") == true)
  }

  @Test func theLastLookSpendsWhatIsLeftAndOneThatEndsTheRunByItsDataDoesNot() throws {
    let claim = judge.claim(margin: 0.9)
    func width(_ isOver: Bool) throws -> Double {
      let record = try #require(
        ClaimJudge.decide([claim], run(0.95, blocks: 10) { $0.looks[0].share = isOver ? 1 : 0.25 }).first)
      let (low, high) = (try #require(record.low), try #require(record.high))
      return high - low
    }
    let widths = [try width(true), try width(false)]
    #expect(widths[0] < widths[1])
  }

  @Test func aClosedWorkloadKeepsTheErrorOfItsLook() throws {
    let claim = judge.claim(margin: 0.9)
    let then = try #require(ClaimJudge.decide([claim], run(0.95, blocks: 10)).first)
    var later = run(0.95, blocks: 10) {
      $0.looks = [(10, 0.25), (20, 0.5), (40, 1)].map { SequentialRecord.Look(blocks: $0.0, share: $0.1) }
    }
    later.run.blocks = 40
    for workload in Set(later.legs.map(\.workload)) {
      later.run.sequential?.closed.append(ClosedWorkload(workload: workload, blocks: 10, reason: .decided))
    }
    #expect(ClaimJudge.decide([claim], later).first == then)
  }

  @Test func progressTellsWhatIsDecidedWhatIsOpenAndWhatIsHopeless() throws {
    func progress(_ share: Double, blocks: Int) -> ClaimJudge.Progress {
      ClaimJudge.progress([judge.claim(margin: 0.9)], run(share, blocks: blocks), most: 40)
    }
    #expect(progress(0.95, blocks: 10).decided == 1 && progress(0.95, blocks: 10).open.isEmpty)
    #expect(progress(0.5, blocks: 10).decided == 1)
    let close = progress(0.9, blocks: 10)
    #expect(close.decided == 0 && close.open.count + close.hopeless.count == 1)
    // After half of the blocks an estimate within 1 % of the margin has answered.
    let late = progress(0.9, blocks: 20)
    #expect(late.open.isEmpty && late.hopeless.count == 1 && late.claims == 1)
  }

  @Test func looksKeepTheErrorOfAClaimOnItsMargin() throws {
    // Runs that stop when they are decided, at looks of 5, 10, 20, 30 and 40 blocks; the truth lies on the margin.
    var random = SeededRandom(seed: 11)
    var wrong = 0
    let runs = 2000
    let looks = [5, 10, 20, 30, 40]
    let levels = looks.indices.map { index in
      SequentialDesign(
        taken: looks[...index].map { (blocks: $0, share: Double($0) / 40) }, alpha: 0.05, spending: .pocock
      ).looks[index].level
    }
    for _ in 0..<runs {
      let values = (0..<40).map { _ in random.gaussian() }
      for (look, level) in zip(looks, levels) {
        guard let level, let interval = try Sample(Array(values[..<look])).interval(level: level) else { continue }
        guard interval.low > 0 || interval.high < 0 else { continue }
        wrong += 1
        break
      }
    }
    // 5 %, give or take three standard errors.
    #expect((0.035...0.065).contains(Double(wrong) / Double(runs)), "\(wrong) of \(runs)")
  }
}
