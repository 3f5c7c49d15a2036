import Definitions
import LinuxSystem
import Results
import Statistics
import Verdicts

/// Which blocks a run measures, and which of its workloads in them: declared before the first, and decided between blocks.
///
/// Where the host's CPUs were not at their usual distance in a block, what follows that distance is measured again in a spare one.
struct Stopping {
  /// The most blocks that a run until all is decided plans.
  static let mostBlocks = 400
  /// Looks before the last one, as shares of the time.
  private static let shares = [0.125, 0.25, 0.5, 0.75]
  /// Share of the time that is left to the counting pass and the report.
  private static let reserve = 0.1

  private let claims: [Claim]
  private let extend: Int
  /// Workloads that share their boots or their turns, and so are measured in the same blocks.
  private let groups: [Set<Workload>]
  /// Seconds, from the run's beginning; nil for a run whose blocks are given.
  private let atMost: Double?
  /// Looks that were taken, of ``shares``.
  private var taken = 0
  private var blockBegan = 0.0
  /// In spare blocks, what is measured again.
  private var short: Set<Workload>?
  /// What the last look said.
  private(set) var progress: ClaimJudge.Progress?

  init(_ plan: Plan, claims: [Claim], atMost: Double?) {
    self.claims = claims
    self.atMost = atMost
    extend = plan.suite.extend
    groups = plan.groups.filter { $0.block == 0 }.map { group in
      Set(group.sessions.flatMap { $0.legs.map(\.workload) })
    }
  }

  /// Goes on where a run was ended: its looks are taken, and what came of them is in the record.
  mutating func resume(_ kept: KeptRun) {
    guard let end = kept.end else { return }
    blockBegan = end.began
    let share = kept.result.run.sequential?.looks.last?.share ?? 0
    taken = Self.shares.count { $0 <= share }
  }

  /// Spare blocks of a suite: none where its blocks cannot decide anyway.
  static func spare(_ suite: Suite) -> Int {
    suite.turn != .none && suite.blocks >= NonInferiority.minimumBlocks(level: suite.level) ? mostSpare : 0
  }

  private static let mostSpare = 3

  /// Whether a group belongs to a workload that is still measured.
  func measures(_ group: SessionGroup, _ run: RunRecord) -> Bool {
    if let short { return group.sessions.contains { $0.legs.contains { short.contains($0.workload) } } }
    return group.sessions.contains { session in
      session.legs.contains { leg in run.sequential?.blocks(of: leg.workload) == nil }
    }
  }

  /// Asked before each block but the first.
  /// - Parameters:
  ///   - block: that would come next; so many are there.
  ///   - elapsed: seconds since the run began.
  /// - Returns: whether it is to be measured.
  mutating func goesOn(to block: Int, _ elapsed: Double, _ result: inout RunResult) -> Bool {
    guard let atMost else {
      guard block >= result.run.blocks else { return true }
      if block == result.run.blocks, result.run.extension?.isUsed == false, needsExtension(result) {
        result.run.blocks += extend
        result.run.extension?.isUsed = true
        return true
      }
      let short = Series.movedWorkloads(in: result.legs, blocks: result.run.blocks)
      self.short = short
      return !short.isEmpty
    }
    let lastBlock = elapsed - blockBegan
    blockBegan = elapsed
    result.run.blocks = block
    let time = atMost * (1 - Self.reserve)
    let isOver = block >= Self.mostBlocks || elapsed + lastBlock > time
    let share = isOver ? 1 : min(1, elapsed / time)
    let isDue = taken < Self.shares.count && share >= Self.shares[taken]
    guard isOver || (isDue && block >= NonInferiority.minimumBlocks(level: result.run.level)) else { return true }
    taken = Self.shares.count { $0 <= share }
    result.run.sequential?.looks.append(SequentialRecord.Look(blocks: block, share: share))
    guard !isOver else { return false }
    // As fast as the last one.
    let toCome = Int(min(Double(Self.mostBlocks), (time - elapsed) / max(lastBlock, 1e-3)))
    return look(&result, at: block, most: min(Self.mostBlocks, block + toCome))
  }

  /// The run was interrupted: what there is, is looked at for the last time.
  static func interrupted(_ run: inout RunRecord, after block: Int) {
    guard run.sequential != nil, block > 0, run.sequential?.looks.last?.blocks != block else { return }
    run.blocks = block
    run.sequential?.looks.append(SequentialRecord.Look(blocks: block, share: 1))
  }

  private mutating func look(_ result: inout RunResult, at block: Int, most: Int) -> Bool {
    // A debug build's figures decide nothing: it goes on for as long as it may.
    guard result.run.buildConfiguration == .release else { return true }
    let progress = ClaimJudge.progress(claims, result, most: most)
    self.progress = progress
    let claimed = ClaimJudge.subjects(claims, result)
    // A workload goes on to be measured, and so stays open, with those that it shares its boots with.
    let ended = groups.filter { $0.isDisjoint(with: progress.open) }.flatMap(\.self)
    for workload in ended.sorted(by: { "\($0)" < "\($1)" })
    where result.run.sequential?.blocks(of: workload) == nil {
      let reason: ClosedWorkload.Reason =
        progress.hopeless.contains(workload) ? .hopeless : claimed.contains(workload) ? .decided : .unclaimed
      result.run.sequential?.closed.append(ClosedWorkload(workload: workload, blocks: block, reason: reason))
    }
    return !progress.open.isEmpty
  }

  /// The one look before the last: whether the blocks so far leave a blocking claim undecided.
  private func needsExtension(_ result: RunResult) -> Bool {
    result.run.buildConfiguration == .release && ClaimJudge.needsExtension(claims, result)
  }
}
