import Results

/// Claims as plain text for a terminal: three lines each, and what it would take to decide.
public enum ClaimText {
  /// Ends with a newline.
  public static func render(_ claims: [ClaimRecord]) -> String {
    claims.map(entry).joined()
  }

  private static func entry(_ claim: ClaimRecord) -> String {
    let requirement = claim.requirement ?? .optional
    let lines = [
      "\(claim.verdict.rawValue): \(claim.id) (\(requirement.rawValue))",
      "  \(claim.text)",
      "  \(claim.workload) \(claim.metric), \(claim.path)\(reference(claim)): \(figures(claim))",
    ]
    return (lines + [remark(claim)].filter { !$0.isEmpty }).map { TextColumns.clean($0) + "\n" }.joined()
  }

  private static func reference(_ claim: ClaimRecord) -> String {
    claim.test == .count ? "" : " over \(claim.referenceText)"
  }

  private static func figures(_ claim: ClaimRecord) -> String {
    if claim.test == .runs { return claim.ratio.map { "\(Figure.percent($0)) of its legs ran" } ?? "not decided" }
    if claim.test == .count {
      let wanted = "at most \(Figure.short(claim.margin)) is claimed"
      return claim.ratio.map { "\(Figure.count($0, low: claim.low, high: claim.high)), \(wanted)" } ?? wanted
    }
    let wanted = "at least \(Figure.ratio(claim.margin)) is claimed"
    guard let ratio = claim.ratio else { return wanted }
    let level = claim.level.map { " at \(Figure.percent($0))" } ?? ""
    return "\(Figure.ratio(ratio, low: claim.low, high: claim.high))\(level), \(wanted)"
  }

  private static func remark(_ claim: ClaimRecord) -> String {
    if let reason = claim.reason { return "  \(reason)" }
    guard claim.verdict == .inconclusive else { return "" }
    guard let blocks = claim.blocksToDecide else { return "  More blocks alone will not decide it." }
    return "  To decide: about \(blocks) blocks in all (\(claim.blocks ?? 0) were measured), or a quieter host."
  }
}
