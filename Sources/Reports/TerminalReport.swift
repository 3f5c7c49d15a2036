import Foundation
import Results
import TextTable

/// The run as plain text for a terminal.
public enum TerminalReport {
  /// The verdict, what must be known first, and the ratios and summaries as tables. Ends with a newline.
  public static func render(_ result: RunResult) -> String {
    var parts = ([Verdicts.headline(result)] + Verdicts.warnings(result).map { "! \($0)" }).map(clean)
    let native = result.comparisons.filter { $0.reference == .native }
    let peers = result.comparisons.filter { $0.reference != .native }
    if !result.claims.isEmpty { parts.append(claims(result.claims)) }
    if !native.isEmpty { parts.append(ratios("to bare metal", native)) }
    if !peers.isEmpty { parts.append(ratios("to QEMU", peers)) }
    if !result.summaries.isEmpty { parts.append(summaries(result.summaries)) }
    let remarks = LegGroup.all(result.legs).flatMap(RemarkRow.all)
    parts += remarks.map { clean("\($0.status): \($0.workload), \($0.place), blocks \($0.blocks): \($0.reason)") }
    return parts.joined(separator: "\n") + "\n"
  }

  private static func claims(_ claims: [ClaimRecord]) -> String {
    table(claims.map(ClaimRow.init)) { row in
      [
        column("Verdict", row.verdict), column("Claim", row.text), column("Ratio", row.figures),
        column("Margin", row.margin, align: .right),
      ]
    }
  }

  private static func ratios(_ title: String, _ comparisons: [ComparisonRecord]) -> String {
    table(comparisons.map { RatioRow($0, claim: nil) }) { row in
      [
        column("Workload", row.workload), column("Metric", row.metric), column("Mode", row.place),
        column("Ratio \(title)", row.figures), column("Blocks", row.blocks, align: .right), column("Flags", row.flags),
      ]
    }
  }

  private static func summaries(_ summaries: [SummaryRecord]) -> String {
    table(summaries.map(SummaryRow.init)) { row in
      [
        column("Workload", row.workload), column("Metric", row.metric), column("Mode", row.place),
        column("Value", "\(row.figures) \(row.unit)"), column("Blocks", row.blocks, align: .right),
        column("Flags", row.flags),
      ]
    }
  }

  private static func table<Row>(_ rows: [Row], _ columns: @escaping (Row) -> [Column]) -> String {
    let text = TextTable<Row>(columns).string(for: rows) ?? ""
    // The last column's padding is of no use.
    return "\n" + text.split(separator: "\n").map { trimmed($0) + "\n" }.joined()
  }

  private static func column(_ title: String, _ text: String, align: Alignment = .left) -> Column {
    Column(title: title, value: clean(text), align: align)
  }

  private static func trimmed(_ line: Substring) -> Substring {
    guard let last = line.lastIndex(where: { $0 != " " }) else { return "" }
    return line[...last]
  }

  /// Without what a terminal would obey: a reason may hold what a guest wrote.
  ///
  /// The table's padding counts UTF-16 units and its columns count characters, so a character of several units would cost the
  /// text its end. It is shown as U+FFFD instead.
  static func clean(_ text: String) -> String {
    String(
      text.precomposedStringWithCanonicalMapping.map { character in
        if character.utf16.count > 1 { return character == "\r\n" ? " " : "\u{fffd}" }
        let isControl = character.unicodeScalars.contains { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) }
        return isControl ? " " : character
      })
  }
}
