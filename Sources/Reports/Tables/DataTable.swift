/// What a command found, as rows under one header: for spreadsheets and for pull requests.
public struct DataTable: Sendable, Equatable {
  public let header: [String]
  /// Each as long as the header.
  public let rows: [[String]]

  public init(header: [String], rows: [[String]]) {
    self.header = header
    self.rows = rows
  }

  /// RFC 4180.
  public var csv: String { CSV.text(header: header, rows: rows) }

  /// A table as GitHub and GitLab show it.
  public var markdown: String {
    let head = [header, header.map { _ in "---" }]
    return (head + rows.map { $0.map(MarkdownText.escape) }).map { "| \($0.joined(separator: " | ")) |\n" }.joined()
  }
}
