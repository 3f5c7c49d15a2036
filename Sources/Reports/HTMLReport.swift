import Results

/// `report.html`: one file that needs no network, no script and no other file.
enum HTMLReport {
  static func render(_ result: RunResult) throws(ReportError) -> String {
    try Template.render("report.html.mustache", ReportView(result))
  }
}
