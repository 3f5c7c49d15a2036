import Results

/// Claims as plain text for a terminal: the verdict, a line each, what to do, and the verdict again.
public enum ClaimText {
  /// Ends with a newline.
  public static func render(_ claims: [ClaimRecord], _ options: TerminalOptions = TerminalOptions()) -> String {
    var screen = Screen()
    guard !claims.isEmpty else {
      screen.line("No claim speaks of what this run measured.", .strong)
      return options.text(screen)
    }
    let (headline, role) = (Wording.headline(claims), ClaimScreen.role(claims))
    screen.paragraph(headline, role)
    screen.gap()
    screen.add(ClaimScreen(claims, isWide: options.isWide).lines)
    if options.showsAll { screen.add(details(claims)) }
    screen.gap()
    if claims.contains(where: { $0.verdict == .inconclusive && $0.blocksToDecide != nil }) {
      screen.line(
        "To decide more: as many --blocks as a line says, \(options.command) run … --until decided, or a quieter host.")
    }
    if !options.showsAll, !options.isWide {
      screen.line("--wide has the sentences, --all their sources.", .faint)
    }
    screen.gap()
    screen.paragraph(headline, role)
    return options.text(screen)
  }

  /// What each claim says, where it comes from, and how it was held.
  private static func details(_ claims: [ClaimRecord]) -> Screen {
    var screen = Screen()
    for claim in claims {
      screen.gap()
      screen.line("\(claim.id) (\((claim.requirement ?? .optional).rawValue)): \(claim.text)", .strong)
      screen.line("  \(claim.source)")
      let reference = claim.test == .count ? "" : " over \(claim.referenceText)"
      let level = claim.level.map { " at \(Figure.percent($0))" } ?? ""
      screen.line(
        "  \(claim.workload) \(claim.metric), \(claim.path)\(reference)\(level), "
          + "\(claim.blocks.map { "\($0) blocks" } ?? "not measured")")
      if let reason = claim.reason { screen.line("  \(reason)") }
    }
    return screen
  }

  /// A row for every claim.
  public static func table(_ claims: [ClaimRecord]) -> DataTable {
    DataTable(
      header: [
        "id", "verdict", "requirement", "ratio", "low", "high", "level", "margin", "blocks", "blocks_to_decide",
        "workload",
        "metric", "path", "reference", "text", "source", "reason",
      ],
      rows: claims.map { claim in
        [
          claim.id, claim.verdict.rawValue, claim.requirement?.rawValue ?? "", CSV.number(claim.ratio),
          CSV.number(claim.low), CSV.number(claim.high), CSV.number(claim.level), CSV.number(claim.margin),
          claim.blocks.map(String.init) ?? "", claim.blocksToDecide.map(String.init) ?? "",
          claim.workload.description, claim.metric, claim.path.description,
          claim.test == .count ? "" : claim.referenceText, claim.text,
          claim.source,
          claim.reason ?? "",
        ]
      })
  }
}
