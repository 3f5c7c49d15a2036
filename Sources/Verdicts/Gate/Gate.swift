import Results
import Statistics

/// The gate: is head as good as base?
///
/// The unit of its statistics is the block: one figure a block, its logarithm. Where base and head were interleaved in one run,
/// the blocks of a number form a pair, and the paired t test takes out what they shared. Blocks of two independent runs are
/// compared by Welch's t on their logarithms; what differed between the runs as a whole (temperature, neighbours, a reboot)
/// is then part of the difference and not of the scatter, so interleave where that matters.
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
  public static func decide(
    base: RunResult, head: RunResult, _ options: GateOptions = GateOptions()
  ) throws(GateError) -> GateVerdict {
    if let problem = options.problem { throw .options(problem) }
    let isPaired = base.run.interleaving != nil && base.run.interleaving == head.run.interleaving
    let alpha = options.alpha / Double(max(base.run.looks, head.run.looks))
    let need =
      isPaired ? BlockPlanning.minimumPaired(alpha: alpha) : BlockPlanning.minimumUnpaired(alpha: alpha)
    for result in [base, head] where result.run.blocks < need {
      throw .tooFewBlocks(run: result.run.id, have: result.run.blocks, need: need, alpha: alpha)
    }
    let rule = GateRule(options: options, alpha: alpha, isPaired: isPaired, minimumBlocks: need)
    let matching = GateMatching(base: base, head: head, metrics: options.metrics)
    guard !matching.pairs.isEmpty else { throw .nothingInCommon(base: base.run.id, head: head.run.id) }
    let comparisons = rule.decide(matching.pairs) + matching.lost
    return GateVerdict(
      verdict: verdict(comparisons, options), options: options, alpha: alpha, isPaired: isPaired, base: GateRun(base),
      head: GateRun(head), comparisons: comparisons.sorted(by: isWorse), onlyInHead: matching.onlyInHead,
      warnings: warnings(base, head))
  }

  private static func verdict(_ comparisons: [GateComparison], _ options: GateOptions) -> ClaimVerdict {
    let outcomes = Set(comparisons.map(\.outcome))
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
    return warnings
  }
}
