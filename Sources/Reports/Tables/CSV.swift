/// Comma-separated values as RFC 4180 has them: CRLF after every record, quotes where a field needs them, and doubled
/// quotes inside.
enum CSV {
  static func text(header: [String], rows: [[String]]) -> String {
    ([header] + rows).map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  /// A field as it is written. A text that a spreadsheet would take for a formula, since it begins like one and is no number,
  /// gets an apostrophe first, which spreadsheets do not show.
  private static func field(_ text: String) -> String {
    let isFormula = text.unicodeScalars.first.map(formulaBeginnings.contains) == true && Double(text) == nil
    return quoted(isFormula ? "'\(text)" : text)
  }

  private static let formulaBeginnings: Set<Unicode.Scalar> = [
    "=", "+", "-", "@", "\t", "\r", "\n", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}",
  ]

  private static func quoted(_ text: String) -> String {
    let needsQuotes = text.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0 == "\r" || $0 == "\n" }
    guard needsQuotes else { return text }
    var quoted = "\"".unicodeScalars
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.append(scalar) }
      quoted.append(scalar)
    }
    quoted.append("\"")
    return String(quoted)
  }

  /// The least digits that read back to the same double; empty for nil.
  static func number(_ value: Double?) -> String {
    value.map { "\($0)" } ?? ""
  }
}
