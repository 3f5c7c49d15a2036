import Foundation
import LinuxSystem
import TextTable

/// Tables for a terminal.
enum TextColumns {
  /// Rows of titled cells; all rows have the same titles. Begins with an empty line and ends with a newline.
  static func table(_ rows: [[(title: String, text: String)]]) -> String {
    let text =
      TextTable<[(title: String, text: String)]>({ row in
        row.map { Column(title: $0.title, value: clean($0.text), align: .left) }
      }).string(for: rows) ?? ""
    return trimmed(text)
  }

  /// A table without the last column's padding, which is of no use, after an empty line.
  static func trimmed(_ table: String) -> String {
    "\n"
      + table.split(separator: "\n").map { line in
        line.lastIndex { $0 != " " }.map { String(line[...$0]) } ?? ""
      }.map { $0 + "\n" }.joined()
  }

  /// Without what a terminal acts on, and without characters that the table cannot align.
  ///
  /// The table's padding counts UTF-16 units and its columns count characters, so a character of several units would cost the
  /// text its end. It is shown as U+FFFD instead.
  static func clean(_ text: String) -> String {
    String(text.precomposedStringWithCanonicalMapping.printable.map { $0.utf16.count > 1 ? "\u{fffd}" : $0 })
  }
}
