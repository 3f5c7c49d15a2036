import Results

/// Runs side by side as one offline page.
public enum ComparisonPage {
  /// The page, as UTF-8.
  public static func render(_ comparison: RunComparison) throws(ReportError) -> [UInt8] {
    let view = ComparisonView(comparison)
    let body = try Template.render("compare.html.mustache", view)
    let data = try ReportData(comparison, fileName: "compare.json")
    return [UInt8](try Page.html(title: view.title, body: body, data: data).utf8)
  }
}
