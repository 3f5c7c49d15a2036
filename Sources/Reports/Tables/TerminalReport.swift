import Results
import TextTable

/// The run as plain text for a terminal.
public enum TerminalReport {
  /// The verdict, what must be known first, and the ratios and summaries as tables. Ends with a newline.
  public static func render(_ result: RunResult) -> String {
    var parts = ([Wording.headline(result)] + Wording.warnings(result).map { "! \($0)" }).map(TextColumns.clean)
    if let method = Wording.method(result) { parts.append(method) }
    let native = result.comparisons.filter { $0.reference == .native }
    let peers = result.comparisons.filter { $0.reference != .native }
    if !result.claims.isEmpty { parts.append(claims(result.claims)) }
    if !native.isEmpty { parts.append(ratios("to bare metal", native)) }
    if !peers.isEmpty { parts.append(ratios("to QEMU", peers)) }
    let variants = WorkloadSeries.all(result).flatMap(\.primaryVariants)
    if !variants.isEmpty { parts.append(ratios("to \(VariantWording.reference(result))", variants)) }
    if !result.summaries.isEmpty { parts.append(summaries(result.summaries)) }
    let remarks = LegGroup.all(result.legs).flatMap(RemarkRow.all)
    parts += remarks.map {
      TextColumns.clean("\($0.status): \($0.workload), \($0.path), blocks \($0.blocks): \($0.reason)")
    }
    return parts.joined(separator: "\n") + "\n"
  }

  private static func claims(_ claims: [ClaimRecord]) -> String {
    table(claims.map { ClaimRow($0) }) { row in
      [
        column("Verdict", row.verdict), column("Claim", row.text), column("Ratio", row.figures),
        column("Margin", row.margin, align: .right),
      ]
    }
  }

  private static func ratios(_ title: String, _ comparisons: [ComparisonRecord]) -> String {
    table(comparisons.map { RatioRow($0, claim: nil) }) { row in
      [
        column("Workload", row.workload), column("Metric", row.metric), column("Mode", row.path),
        column("Ratio \(title)", row.figures), column("Blocks", row.blocks, align: .right), column("Flags", row.flags),
      ]
    }
  }

  private static func summaries(_ summaries: [SummaryRecord]) -> String {
    table(summaries.map(SummaryRow.init)) { row in
      [
        column("Workload", row.workload), column("Metric", row.metric), column("Mode", row.path),
        column("Value", "\(row.figures) \(row.unit)"), column("Blocks", row.blocks, align: .right),
        column("Flags", row.flags),
      ]
    }
  }

  private static func table<Row>(_ rows: [Row], _ columns: @escaping (Row) -> [Column]) -> String {
    TextColumns.trimmed(TextTable<Row>(columns).string(for: rows) ?? "")
  }

  private static func column(_ title: String, _ text: String, align: Alignment = .left) -> Column {
    Column(title: title, value: TextColumns.clean(text), align: align)
  }
}
