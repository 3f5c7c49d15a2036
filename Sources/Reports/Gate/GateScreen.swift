import Results
import Verdicts

/// A gate's verdict on a terminal.
struct GateScreen {
  private let verdict: GateVerdict
  private let options: TerminalOptions

  init(_ verdict: GateVerdict, _ options: TerminalOptions) {
    self.verdict = verdict
    self.options = options
  }

  private static let outcomeWidth = 13
  /// Undecided findings that have a line.
  private static let mostOpen = 12

  var screen: Screen {
    var screen = Screen()
    let role = ClaimScreen.role(verdict.verdict)
    screen.paragraph(verdict.headline, role)
    for warning in verdict.warnings { screen.paragraph("! \(warning)", .doubtful) }
    for change in verdict.changes { screen.line("changed: \(change.text)") }
    screen.gap()
    if options.showsAll {
      for finding in verdict.findings { screen.line(GateText.line(finding)) }
      for name in verdict.onlyInHead { screen.line("only in the head: \(name)") }
      screen.line(GateText.method(verdict), .faint)
    } else {
      screen.add(findings)
      screen.line(GateText.shortMethod(verdict), .faint)
    }
    screen.gap()
    if !options.showsAll {
      screen.line("--all has every comparison and the method; --output DIR keeps them for CI systems.", .faint)
    }
    screen.paragraph(verdict.headline, role)
    return screen
  }

  /// A line for whatever is not unchanged; those that are, are counted.
  private var findings: Screen {
    let shown = verdict.findings.filter { $0.outcome != .unchanged }
    let unchanged = verdict.findings.filter { $0.outcome == .unchanged }
    let figures = (shown.map { GateText.figures($0).count }.max() ?? 0) + 1
    let wanted = (shown.map { Self.name($0).count }.max() ?? 0) + 1
    let name = options.isWide ? wanted : min(wanted, max(20, options.style.columns - Self.outcomeWidth - figures))
    var screen = Screen()
    if !shown.isEmpty {
      screen.line(
        Screen.Span("head ÷ base", .strong, width: Self.outcomeWidth + name),
        Screen.Span("1 is equal", .faint))
    }
    let open = shown.filter { $0.outcome == .inconclusive }
    let hidden = options.isWide ? [] : open.dropFirst(Self.mostOpen)
    for finding in shown.filter({ $0.outcome != .inconclusive }) + open.dropLast(hidden.count) {
      let details = [GateText.values(finding), GateText.remark(finding)].filter { !$0.isEmpty }.joined(separator: "; ")
      screen.line(
        Screen.Span(finding.outcome.rawValue, Self.role(finding.outcome), width: Self.outcomeWidth),
        Screen.Span(Self.name(finding), width: name), Screen.Span(GateText.figures(finding), width: figures),
        Screen.Span(options.isWide ? details : "", .faint))
      if !options.isWide, finding.outcome == .regression, let reason = finding.reason {
        screen.paragraph(String(repeating: " ", count: Self.outcomeWidth) + reason, .faint, indent: Self.outcomeWidth)
      }
    }
    if !hidden.isEmpty {
      screen.line(
        Screen.Span("inconclusive", .doubtful, width: Self.outcomeWidth),
        Screen.Span("and \(hidden.count) more (--all)"))
    }
    if let line = Self.unchanged(unchanged) {
      screen.line(Screen.Span("unchanged", .good, width: Self.outcomeWidth), Screen.Span(line))
    }
    if let first = verdict.onlyInHead.first {
      let more = verdict.onlyInHead.count > 1 ? " and \(verdict.onlyInHead.count - 1) more" : ""
      screen.line(
        Screen.Span("not judged", .doubtful, width: Self.outcomeWidth), Screen.Span("only in the head: \(first)\(more)")
      )
    }
    return screen
  }

  /// `block.randread bs=4KiB qd=1 iops, polled`.
  private static func name(_ finding: GateComparison) -> String {
    "\(finding.workload) \(finding.metric), \(finding.path.short)"
  }

  private static func unchanged(_ findings: [GateComparison]) -> String? {
    guard !findings.isEmpty else { return nil }
    let ratios = findings.compactMap(\.ratio)
    guard let least = ratios.min(), let most = ratios.max() else { return "\(findings.count) comparisons" }
    return findings.count == 1
      ? "1 comparison: \(findings[0].name), \(Figure.ratio(least))"
      : "\(findings.count) comparisons, from \(Figure.ratio(least)) to \(Figure.ratio(most))"
  }

  private static func role(_ outcome: GateOutcome) -> Screen.Role {
    switch outcome {
    case .regression: .bad
    case .inconclusive: .doubtful
    case .improvement, .unchanged: .good
    }
  }
}
