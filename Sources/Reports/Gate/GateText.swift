import Results
import Verdicts

/// What the gate's files and its terminal text have in common.
enum GateText {
  /// `0.912 [0.897, 0.927]`, `+1 exactly`, or that there is none.
  static func figures(_ comparison: GateComparison) -> String {
    if let difference = comparison.difference, let low = comparison.differenceLow, let high = comparison.differenceHigh
    {
      if low == high { return difference == 0 ? "equal, exactly" : "\(signed(difference)) exactly" }
      return "\(signed(difference)) [\(signed(low)), \(signed(high))]"
    }
    return comparison.ratio.map { Figure.ratio($0, low: comparison.low, high: comparison.high) } ?? "no ratio"
  }

  private static func signed(_ count: Double) -> String {
    let text = Figure.value(abs(count))
    return "\(count < 0 ? "−" : "+")\(text)"
  }

  /// What the outcome rests on, where that is not the figures themselves.
  static func basis(_ comparison: GateComparison) -> String {
    switch comparison.basis {
    case .counts: " by counts"
    case .relative: " by ratios to bare metal"
    case .times, nil: ""
    }
  }

  /// `41 200 → 37 500 IOPS`; empty where several workloads are one comparison.
  static func values(_ comparison: GateComparison) -> String {
    if comparison.base == nil, comparison.head == nil, comparison.ratio != nil { return "" }
    let sides = [comparison.base, comparison.head].map { $0.map(Figure.value) ?? "nothing" }
    return "\(sides[0]) → \(sides[1]) \(comparison.unit)"
  }

  /// Why the outcome is what it is, or what it would take to decide; empty where the figures say it.
  static func remark(_ comparison: GateComparison) -> String {
    if let reason = comparison.reason { return reason }
    if let raw = comparison.raw {
      return "by its own figures \(Figure.ratio(raw, low: comparison.rawLow, high: comparison.rawHigh))"
        + (toDecide(comparison).map { "; \($0)" } ?? "")
    }
    return toDecide(comparison) ?? ""
  }

  private static func toDecide(_ comparison: GateComparison) -> String? {
    guard comparison.outcome == .inconclusive, comparison.basis != .counts else { return nil }
    return comparison.blocksToDecide.map { "about \($0) blocks a side would decide" }
      ?? "more blocks alone will not decide"
  }

  /// `regression: block.randread bs=4KiB qd=1 iops, nearmetal polled: 0.912 [0.897, 0.927]; 41 200 → 37 500 IOPS`.
  static func line(_ comparison: GateComparison) -> String {
    let details = [figures(comparison), values(comparison), remark(comparison)].filter { !$0.isEmpty }
    return "\(comparison.outcome.rawValue)\(basis(comparison)): \(comparison.name): \(details.joined(separator: "; "))"
  }

  /// How it was decided, in a sentence.
  static func method(_ verdict: GateVerdict) -> String {
    let options = verdict.options
    let how =
      if verdict.isPaced {
        "both builds' guests lived at the same time and took turns with each other; compared round by round within each block"
      } else if verdict.isPaired {
        "blocks of both builds ran back to back and are compared pair by pair"
      } else {
        "two independent runs are compared block by block (Welch), by their ratios to bare metal where both have a native leg; "
          + "else what changed between the runs as a whole is in the ratio"
      }
    return "Head over base, 1.0 is equal, higher is better, bounds at error \(verdict.alpha) each; \(how). "
      + "Regression: p at most \(verdict.alpha)\(family(options.family)) and at least "
      + "\(Figure.percent(options.minimumEffect)) slower. Unchanged: a slowdown of \(Figure.percent(options.margin)) is excluded. "
      + "Counts for one operation: the integers that most blocks agree on are compared exactly, others at a tenth of that error."
  }

  /// The same, as short as it can be.
  static func shortMethod(_ verdict: GateVerdict) -> String {
    let how =
      verdict.isPaced
      ? "Both builds took turns with each other"
      : verdict.isPaired ? "Blocks of both builds ran back to back" : "Two runs, by their ratios to bare metal"
    return
      "\(how); error \(verdict.alpha), a slowdown of \(Figure.percent(verdict.options.margin)) excluded where unchanged."
  }

  private static func family(_ family: GateFamily) -> String {
    switch family {
    case .gate: " after Holm's correction over the gate"
    case .workload: " after Holm's correction within each workload"
    case .none: ", not corrected for their number"
    }
  }
}
