import Results
import Verdicts

/// What the gate's files and its terminal text have in common.
enum GateText {
  /// `0.912 [0.897, 0.927]`, or why there is none.
  static func figures(_ comparison: GateComparison) -> String {
    comparison.ratio.map { Figure.ratio($0, low: comparison.low, high: comparison.high) } ?? "no ratio"
  }

  /// `41 200 → 37 500 IOPS`.
  static func values(_ comparison: GateComparison) -> String {
    let sides = [comparison.base, comparison.head].map { $0.map(Figure.value) ?? "nothing" }
    return "\(sides[0]) → \(sides[1]) \(comparison.unit)"
  }

  /// Why the outcome is what it is, or what it would take to decide; empty where the figures say it.
  static func remark(_ comparison: GateComparison) -> String {
    if let reason = comparison.reason { return reason }
    guard comparison.outcome == .inconclusive else { return "" }
    return comparison.blocksToDecide.map { "about \($0) blocks a side would decide" }
      ?? "more blocks alone will not decide"
  }

  /// `regression: block.randread bs=4KiB qd=1 iops, nearmetal polled: 0.912 [0.897, 0.927], 41 200 → 37 500 IOPS`.
  static func line(_ comparison: GateComparison) -> String {
    let remark = remark(comparison)
    return "\(comparison.outcome.rawValue): \(comparison.name): \(figures(comparison)), \(values(comparison))"
      + (remark.isEmpty ? "" : "; \(remark)")
  }

  /// How it was decided, in a sentence.
  static func method(_ verdict: GateVerdict) -> String {
    let options = verdict.options
    let how =
      verdict.isPaired
      ? "blocks of both builds ran back to back and are compared pair by pair"
      : "two independent runs are compared block by block (Welch); what changed between the runs as a whole is in the ratio"
    return "Head over base, 1.0 is equal, higher is better, bounds at error \(verdict.alpha) each; \(how). "
      + "Regression: p at most \(verdict.alpha)\(family(options.family)) and at least "
      + "\(Figure.percent(options.minimumEffect)) slower. Unchanged: a slowdown of \(Figure.percent(options.margin)) is excluded."
  }

  private static func family(_ family: GateFamily) -> String {
    switch family {
    case .gate: " after Holm's correction over the gate"
    case .workload: " after Holm's correction within each workload"
    case .none: ", not corrected for their number"
    }
  }
}
