import Results

/// `summary.md`: verdicts, ratios and what is missing, for a pull request or a CI job's page.
enum MarkdownReport {
  static func render(_ result: RunResult) throws(ReportError) -> String {
    try Template.render("summary.md.mustache", MarkdownView(result))
  }
}
