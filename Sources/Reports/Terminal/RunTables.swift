import Results
import TextTable

/// Every figure of a run as tables for a terminal.
enum RunTables {
  static func render(_ result: RunResult) -> String {
    var parts: [String] = []
    if let method = Wording.method(result) { parts.append(method) }
    let native = result.comparisons.filter { $0.reference == .native }
    let peers = result.comparisons.filter { $0.reference != .native }
    if !native.isEmpty { parts.append(ratios("to bare metal", native)) }
    if !peers.isEmpty { parts.append(ratios("to QEMU", peers)) }
    let variants = (result.variants ?? []).map(\.comparison)
    if !variants.isEmpty { parts.append(ratios("to \(VariantWording.reference(result))", variants)) }
    if !result.summaries.isEmpty { parts.append(summaries(result.summaries)) }
    parts += (result.audit?.unavailable ?? []).map { "not counted: \($0.summary)" }
    return parts.joined(separator: "\n") + "\n"
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
