import Results

/// `summary.csv`: a row for every comparison, one for every variant, then one for every summary. In a comparison the bounds are the ratio's, in a
/// summary the value's.
enum SummaryTable {
  static let header = [
    "kind", "workload", "parameters", "metric", "unit", "direction", "machine", "mode", "reference", "blocks", "value",
    "reference_value", "ratio", "low", "high", "level", "margin", "verdict", "flags",
  ]

  static func csv(_ result: RunResult) -> String {
    let comparisons = result.comparisons.map { row($0, claim: Wording.strictestClaim(on: $0, in: result)) }
    let variants = (result.variants ?? []).map { variant in
      row(
        variant.comparison, kind: "variant", reference: VariantWording.text(variant.against),
        claim: result.claims.filter { $0.speaks(of: variant) }.max { $0.margin < $1.margin })
    }
    return CSV.text(header: header, rows: comparisons + variants + result.summaries.map(row))
  }

  private static func row(
    _ comparison: ComparisonRecord, kind: String = "comparison", reference: String? = nil, claim: ClaimRecord?
  ) -> [String] {
    [
      kind, comparison.workload.id, comparison.workload.parameterText, comparison.metric, comparison.unit,
      comparison.direction.rawValue, comparison.path.machine.rawValue, comparison.path.mode.rawValue,
      reference ?? comparison.reference.rawValue, String(comparison.blocks), CSV.number(comparison.value),
      CSV.number(comparison.referenceValue), CSV.number(comparison.ratio), CSV.number(comparison.low),
      CSV.number(comparison.high), CSV.number(comparison.level), CSV.number(claim?.margin),
      claim?.verdict.rawValue ?? "", flags(comparison.flags),
    ]
  }

  private static func row(_ summary: SummaryRecord) -> [String] {
    [
      "summary", summary.workload.id, summary.workload.parameterText, summary.metric, summary.unit,
      summary.direction.rawValue, summary.path.machine.rawValue, summary.path.mode.rawValue, "", String(summary.blocks),
      CSV.number(summary.mean), "", "", CSV.number(summary.low), CSV.number(summary.high),
      CSV.number(summary.level), "", "", flags(summary.flags),
    ]
  }

  private static func flags(_ flags: [ComparisonFlag]) -> String {
    flags.map(\.rawValue).joined(separator: ";")
  }
}
