import Results
import Statistics

/// The gate: is head as good as base?
///
/// The unit of its statistics is the block: one figure a block, its logarithm. Where base and head were interleaved in one run,
/// the blocks of a number form a pair, and the paired t test takes out what they shared. Blocks of two independent runs are
/// compared by Welch's t on their logarithms; what differed between the runs as a whole (temperature, neighbours, a reboot)
/// is then part of the difference and not of the scatter. So what has a native leg in both runs is judged by its ratio to that, which
/// is taken within each run, and what drifted between them cancels; a change that slows native legs and guests alike shows in the
/// native legs, which are judged by their figures. Counts for one operation are judged by `CountRule`.
///
/// Three questions are asked of each comparison, in this order, with the one-sided error α:
/// - Is head worse? Its p-value, adjusted by Holm within the family, is at most α, and the estimate is at or below
///   1 - minimum effect: *regression*.
/// - Is head better? The same with the other side, at or above 1 + minimum effect: *improvement*.
/// - Is a slowdown as large as the margin excluded? The lower bound, at error α, is at or above 1 - margin: *unchanged*. A gate
///   passes only if this holds for all, so no correction is due here (an intersection-union test).
///
/// Whatever else is *inconclusive*.
public enum Gate {
  /// Decides; reads no file and no clock. Whether the two hosts are comparable is not asked here: see ``HostComparison``.
  /// - Parameters:
  ///   - base: the result that is held to be good.
  ///   - head: the result that is judged, of the same suite.
  ///   - options: error, margin and minimum effect.
  ///   - failure: why the two were not measured to the end; what there is, however little, is judged then.
  public static func decide(
    base: RunResult, head: RunResult, _ options: GateOptions = GateOptions(), failure: GateFailure? = nil
  ) throws(GateError) -> GateVerdict {
    if let problem = options.problem { throw .options(problem) }
    let isPaired = base.run.interleaving != nil && base.run.interleaving == head.run.interleaving
    let isPaced = isPaired && base.run.isPaced == true && head.run.isPaced == true
    let alpha = options.alpha / Double(max(base.run.looks, head.run.looks))
    let need =
      isPaired ? BlockPlanning.minimumPaired(alpha: alpha) : BlockPlanning.minimumUnpaired(alpha: alpha)
    for result in [base, head] where result.run.blocks < need && failure == nil {
      throw .tooFewBlocks(run: result.run.id, have: result.run.blocks, need: need, alpha: alpha)
    }
    let rule = GateRule(options: options, alpha: alpha, isPaired: isPaired, isPaced: isPaced, minimumBlocks: need)
    let matching = GateMatching(base: base, head: head, metrics: options.metrics)
    guard !matching.pairs.isEmpty else { throw .nothingInCommon(base: base.run.id, head: head.run.id) }
    let counts = CountRule(options: options, alpha: alpha, isPaired: isPaired)
    let times = rule.decide(matching.pairs.filter { !CountRule.decides($0.base) })
    let comparisons =
      times.comparisons + counts.decide(matching.pairs.filter { CountRule.decides($0.base) }) + matching.lost
      + matching.nowhere
    return GateVerdict(
      verdict: verdict(comparisons, times.pools, options, failure), options: options, alpha: alpha, isPaired: isPaired,
      isPaced: isPaced, base: GateRun(base),
      head: GateRun(head), failure: failure, pools: times.pools, comparisons: comparisons.sorted(by: isWorse),
      onlyInHead: matching.onlyInHead,
      warnings: warnings(base, head)
        + matching.skipped.map { "Skipped on both sides, so not judged: \($0)." })
  }

  private static func verdict(
    _ comparisons: [GateComparison], _ pools: [GatePool], _ options: GateOptions, _ failure: GateFailure?
  ) -> ClaimVerdict {
    if failure?.isHead == true { return .fail }
    var outcomes = Set(comparisons.map(\.outcome)).union(pools.map(\.outcome))
    // That of the siblings one by one says as much.
    if !pools.isEmpty, !comparisons.contains(where: { $0.outcome == .inconclusive }) { outcomes.remove(.inconclusive) }
    if failure != nil { outcomes.insert(.inconclusive) }
    if outcomes.contains(.regression) || !outcomes.isDisjoint(with: options.failOn) { return .fail }
    return outcomes.contains(.inconclusive) ? .inconclusive : .pass
  }

  private static func isWorse(_ one: GateComparison, _ other: GateComparison) -> Bool {
    if one.outcome != other.outcome { return one.outcome.rank < other.outcome.rank }
    let ratios = (one.ratio ?? 0, other.ratio ?? 0)
    return ratios.0 == ratios.1 ? one.name < other.name : ratios.0 < ratios.1
  }

  private static func warnings(_ base: RunResult, _ head: RunResult) -> [String] {
    var warnings: [String] = []
    for (side, result) in [("base", base), ("head", head)] {
      if let injection = result.run.injection {
        warnings.append(
          "The \(side) was slowed on purpose (\(injection)): it shows how the gate judges, not how the host does.")
      }
      if result.run.interrupted {
        warnings.append("The \(side) run was interrupted: it holds what was measured until then.")
      }
      if result.run.buildConfiguration == .debug {
        warnings.append("The \(side) is a debug build: its figures say nothing about the host.")
      }
      let legs = LegRecord.deciding(result.legs)
      let disturbed = legs.count { !$0.validity.isEmpty }
      if disturbed > 0 {
        warnings.append(
          "\(disturbed) of \(legs.count) legs of the \(side) were disturbed; they stay in the figures.")
      }
    }
    if base.run.suite != head.run.suite {
      warnings.append("The suites differ: \(base.run.suite) in the base, \(head.run.suite) in the head.")
    }
    warnings += SuiteRecord.differences(base.run.content, head.run.content).map {
      "The suite \(head.run.suite) has other content in the head: \($0)."
    }
    warnings += PlacementRecord.differences(base.run.placement, head.run.placement).map {
      "The legs ran elsewhere: \($0)."
    }
    return warnings + distances(base, head) + turnLengths(base, head)
  }

  /// Whether the two CPUs were as far apart in one run as in the other.
  private static func distances(_ base: RunResult, _ head: RunResult) -> [String] {
    guard let ours = CPUDistance(base.legs), let theirs = CPUDistance(head.legs), !ours.isLike(theirs) else {
      return []
    }
    return [
      "A hand-off between the two CPUs took \(Int(ours.usual.rounded())) ns in the base and \(Int(theirs.usual.rounded())) ns in the "
        + "head: polled requests and frames differ by that alone."
    ]
  }

  /// Workloads whose turns were of other lengths, as calibration may choose them anew between two runs.
  private static func turnLengths(_ base: RunResult, _ head: RunResult) -> [String] {
    func lengths(_ result: RunResult) -> [String: Set<UInt64>] {
      var lengths: [String: Set<UInt64>] = [:]
      for leg in result.legs {
        if let turns = leg.turns { lengths["\(leg.workload)", default: []].insert(turns.length) }
      }
      return lengths
    }
    func text(_ lengths: Set<UInt64>) -> String {
      lengths.sorted().map { "\(Double($0) / 1e6)" }.joined(separator: " and ") + " ms"
    }
    let (ours, theirs) = (lengths(base), lengths(head))
    return ours.keys.sorted().compactMap { workload in
      guard let one = ours[workload], let other = theirs[workload], one != other else { return nil }
      return "Turns of \(workload) lasted \(text(one)) in the base and \(text(other)) in the head."
    }
  }
}
