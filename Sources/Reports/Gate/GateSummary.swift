import Results
import Verdicts

/// `summary.md`: the verdict for a CI system's step summary, worst first.
enum GateSummary {
  /// GitHub refuses a step's summary above 1 MiB.
  static let limit = 1 << 20

  /// The whole, cut after the rows that fit, with a count of those that do not.
  ///
  /// - Parameter limit: bytes that it stays below.
  static func render(_ verdict: GateVerdict, limit: Int = limit) -> String {
    var text = head(verdict)
    let tail = "\n\(MarkdownText.escape(GateText.method(verdict)))\n"
    // Room for the line that says what was left out.
    var room = limit - text.utf8.count - tail.utf8.count - 200
    var shown = 0
    for comparison in verdict.findings {
      let row = row(comparison)
      guard row.utf8.count <= room else { break }
      room -= row.utf8.count
      text += row
      shown += 1
    }
    let hidden = verdict.findings.count - shown
    if hidden > 0 {
      text += "\n\(hidden) of \(verdict.findings.count) comparisons did not fit; gate.json has all of them.\n"
    }
    return text + tail
  }

  private static func head(_ verdict: GateVerdict) -> String {
    var text = "## NearMetal gate: \(verdict.verdict.rawValue)\n\n\(MarkdownText.escape(verdict.headline)).\n\n"
    for (side, run) in [("Base", verdict.base), ("Head", verdict.head)] {
      let facts =
        "run \(run.id), suite \(run.suite), \(run.blocks) blocks, revision \(run.tool.revision), host \(run.fingerprint), by \(run.command.first ?? "")"
      text += "- \(side): \(MarkdownText.escape(shortened(facts)))\n"
    }
    for change in verdict.changes { text += "- Changed: \(MarkdownText.escape(shortened(change.text)))\n" }
    for warning in verdict.warnings { text += "- Note: \(MarkdownText.escape(shortened(warning)))\n" }
    if let first = verdict.onlyInHead.first {
      let more = verdict.onlyInHead.count > 1 ? " and \(verdict.onlyInHead.count - 1) more" : ""
      text += "- Only in the head, so not judged: \(MarkdownText.escape(shortened(first)))\(more)\n"
    }
    return text + "\n| Outcome | Workload | Head ÷ base | Base → head | Remark |\n|---|---|---|---|---|\n"
  }

  private static func row(_ comparison: GateComparison) -> String {
    let cells = [
      comparison.outcome.rawValue + GateText.basis(comparison), comparison.name, GateText.figures(comparison),
      GateText.values(comparison),
      GateText.remark(comparison),
    ]
    return "| " + cells.map { MarkdownText.escape(shortened($0)) }.joined(separator: " | ") + " |\n"
  }

  /// A reason may hold whatever a program said.
  private static func shortened(_ text: String) -> String { text.count > 500 ? text.prefix(500) + "…" : text }
}
