import History
import Results

/// `report.html`: one file that needs no network and no other file.
enum HTMLReport {
  /// Bytes that the whole page should not exceed.
  static let limit = 2_000_000

  static func render(_ result: RunResult, history: [HistorySeries] = []) throws(ReportError) -> String {
    let page = try Template.render("report.html.mustache", ReportView(result, history: history))
    let data = try ReportData(result, budget: max(0, limit - page.utf8.count - Page.overhead))
    return try Page.html(title: "NearMetal: \(result.run.suite), \(result.run.startedAt)", body: page, data: data)
  }
}
