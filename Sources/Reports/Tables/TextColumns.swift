import Foundation
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

  /// Without what a terminal would obey: a reason may hold what a guest wrote.
  ///
  /// The table's padding counts UTF-16 units and its columns count characters, so a character of several units would cost the
  /// text its end. It is shown as U+FFFD instead.
  static func clean(_ text: String) -> String {
    String(
      text.precomposedStringWithCanonicalMapping.map { character in
        if character.utf16.count > 1 { return character == "\r\n" ? " " : "\u{fffd}" }
        let isControl = character.unicodeScalars.contains { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) }
        return isControl ? " " : character
      })
  }
}
