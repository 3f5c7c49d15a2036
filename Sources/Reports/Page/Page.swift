/// A page around what a report or a comparison says: head, style, script, content security policy, data.
enum Page {
  /// Hashes of `page.css` and `page.js` as a content security policy names them (CSP level 3 §2.3.1). The tests compute them
  /// anew.
  static let styleHash = "sha256-T2noBpTI5Chb9B9jIDx91v6FgktJ7plb0pwZKkOccDs="
  static let scriptHash = "sha256-IvzXCRei3Z1Id7J6JjCaff+KM4V9A/on2WAEsxWA+I4="

  /// Bytes that head, style and script take, rounded up.
  static let overhead = 24_000

  /// Nothing may be loaded, from anywhere; the one style and the one script are those with these hashes.
  static let policy =
    "default-src 'none'; style-src '\(styleHash)'; script-src '\(scriptHash)'; img-src data:; base-uri 'none'; "
    + "form-action 'none'"

  /// - Parameter body: HTML, already escaped.
  static func html(title: String, body: String, data: ReportData) throws(ReportError) -> String {
    try Template.render(
      "page.html.mustache",
      View(
        policy: policy, title: title, style: try Template.text("page.css"), script: try Template.text("page.js"),
        body: body, data: data.json, leftOut: data.leftOut, hasLeftOut: !data.leftOut.isEmpty, fileName: data.fileName))
  }

  private struct View {
    let policy: String
    let title: String
    let style: String
    let script: String
    let body: String
    let data: String
    let leftOut: String
    let hasLeftOut: Bool
    let fileName: String
  }
}
