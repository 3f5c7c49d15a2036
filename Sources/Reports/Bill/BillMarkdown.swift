import Bills
import Results

/// Bills for pull requests.
public enum BillMarkdown {
  static func render(_ bill: Bill) -> String {
    let measured = bill.lines.filter { $0.status == .ok }
    var text = "## NearMetal bill\n\n\(MarkdownText.escape(BillText.headline(bill))).\n\n"
    text += "- Host: \(MarkdownText.escape("\(bill.host.version), \(bill.host.processor), \(bill.host.emulator)"))\n"
    if let injection = bill.run.injection { text += "- Slowed on purpose (\(MarkdownText.escape("\(injection)")))\n" }
    if let incomplete = bill.run.incomplete {
      text += "- Only \(bill.run.passes) of 2 passes: \(MarkdownText.escape(incomplete))\n"
    }
    let rows = measured.map { BillCells.row($0, BillCells.counts(bill), BillCells.layers(bill)) }
    if let titles = rows.first?.map(\.title) { text += "\n" + head(titles) + rows.map { row($0.map(\.text)) }.joined() }
    let remarks = BillRemarks.of(bill)
    return text + (remarks.isEmpty ? "" : "\n") + remarks.map { "- \(MarkdownText.escape($0))\n" }.joined()
  }

  public static func render(_ comparison: BillComparison) -> String {
    var text = "## NearMetal bill: what changed\n\n\(MarkdownText.escape(BillText.headline(comparison))).\n\n"
    for (name, side) in [("Base", comparison.base), ("Head", comparison.head)] {
      text += "- \(name): \(MarkdownText.escape("\(side.host), revision \(side.tool.revision)"))\n"
    }
    for subject in comparison.subjects { text += "- Changed: \(MarkdownText.escape(subject))\n" }
    let shown = comparison.changes.filter { $0.outcome != .unchanged }
    if !shown.isEmpty {
      text += "\n" + head(["Outcome", "Workload", "Base → head, instructions", "Difference", "Of that"])
    }
    for change in shown {
      let sides = [change.base, change.head].map { $0.map(BillCells.figure) ?? "none" }.joined(separator: " → ")
      text += row([
        change.outcome.rawValue, change.name, sides, BillCells.difference(change), BillCells.causes(change) ?? "",
      ])
    }
    for name in comparison.onlyInHead { text += "\nOnly in the head: \(MarkdownText.escape(name))\n" }
    return text
  }

  /// Rows of titled cells, under a heading.
  static func render(_ rows: [[(title: String, text: String)]]) -> String {
    "## NearMetal bills: instructions an operation\n\n" + head(rows.first?.map(\.title) ?? [])
      + rows.map { row($0.map(\.text)) }.joined()
  }

  private static func head(_ titles: [String]) -> String {
    row(titles) + "|" + titles.map { _ in "---|" }.joined() + "\n"
  }

  private static func row(_ cells: [String]) -> String {
    "| " + cells.map(MarkdownText.escape).joined(separator: " | ") + " |\n"
  }
}
