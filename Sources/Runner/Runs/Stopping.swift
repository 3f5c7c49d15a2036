import Definitions
import LinuxSystem
import Results
import Statistics
import Verdicts

/// Which blocks a run measures, and which of its workloads in them: declared before the first, and decided between blocks.
struct Stopping {
  /// The most blocks that a run until all is decided plans.
  static let mostBlocks = 400
  /// Looks, as shares of the planned blocks.
  private static let shares = [0.125, 0.25, 0.5, 0.75, 1]
  /// Share of the time that is left to the counting pass and the report.
  private static let reserve = 0.1

  private let claims: [Claim]
  private let extend: Int
  /// Seconds, from the run's beginning; nil for a run whose blocks are given.
  private let atMost: Double?
  /// Blocks at which the run is looked at.
  private var looks: [Int] = []
  private var blockBegan = 0.0
  /// What the last look said.
  private(set) var progress: ClaimJudge.Progress?

  init(_ suite: Suite, claims: [Claim], atMost: Double?) {
    self.claims = claims
    self.atMost = atMost
    extend = suite.extend
  }

  /// Whether a group belongs to a workload that is still measured.
  func measures(_ group: SessionGroup, _ run: RunRecord) -> Bool {
    group.sessions.contains { session in
      session.legs.contains { leg in run.sequential?.blocks(of: leg.workload) == nil }
    }
  }

  /// Asked before each block but the first.
  /// - Parameters:
  ///   - block: that would come next; so many are there.
  ///   - elapsed: seconds since the run began.
  ///   - legs: of the blocks so far.
  /// - Returns: whether it is to be measured.
  mutating func goesOn(to block: Int, _ elapsed: Double, _ result: inout RunResult, legs: [LegRecord]) -> Bool {
    guard let atMost else {
      guard block >= result.run.blocks else { return true }
      guard result.run.extension?.isUsed == false, needsExtension(result, legs) else { return false }
      result.run.blocks += extend
      result.run.extension?.isUsed = true
      return true
    }
    if block == 1 { plan(&result, firstBlock: elapsed, atMost) }
    let lastBlock = elapsed - blockBegan
    blockBegan = elapsed
    result.run.blocks = block
    let isOver =
      block >= result.run.sequential?.planned ?? 0 || elapsed + lastBlock > atMost * (1 - Self.reserve)
    guard isOver || looks.contains(block) else { return true }
    result.run.sequential?.looks.append(block)
    result.run.sequential?.isOver = isOver
    guard !isOver else { return false }
    return look(&result, legs, at: block)
  }

  /// The run was interrupted: what there is, is looked at for the last time.
  static func interrupted(_ run: inout RunRecord, after block: Int) {
    guard run.sequential != nil, block > 0, run.sequential?.looks.last != block else { return }
    run.blocks = block
    run.sequential?.looks.append(block)
    run.sequential?.isOver = true
  }

  /// Declares how many blocks there will be, by time alone.
  private mutating func plan(_ result: inout RunResult, firstBlock: Double, _ atMost: Double) {
    let fitting = atMost * (1 - Self.reserve) / max(firstBlock, 1e-3)
    let planned = max(1, min(Self.mostBlocks, Int(fitting)))
    result.run.sequential?.planned = planned
    let least = NonInferiority.minimumBlocks(level: result.run.level)
    looks = SequentialDesign.blocks(at: Self.shares, maximum: planned).filter { $0 >= least }
  }

  private mutating func look(_ result: inout RunResult, _ legs: [LegRecord], at block: Int) -> Bool {
    var seen = result
    seen.legs = legs
    let progress = ClaimJudge.progress(claims, seen)
    self.progress = progress
    let claimed = ClaimJudge.subjects(claims, seen)
    for workload in Set(legs.map(\.workload)).subtracting(progress.open).sorted(by: { "\($0)" < "\($1)" })
    where result.run.sequential?.blocks(of: workload) == nil {
      let reason: ClosedWorkload.Reason =
        progress.hopeless.contains(workload) ? .hopeless : claimed.contains(workload) ? .decided : .unclaimed
      result.run.sequential?.closed.append(ClosedWorkload(workload: workload, blocks: block, reason: reason))
    }
    return !progress.open.isEmpty
  }

  /// The one look before the last: whether the blocks so far leave a blocking claim undecided.
  private func needsExtension(_ result: RunResult, _ legs: [LegRecord]) -> Bool {
    var result = result
    result.legs = legs
    return result.run.buildConfiguration == .release && ClaimJudge.needsExtension(claims, result)
  }
}
