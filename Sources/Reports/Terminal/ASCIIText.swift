/// Text for terminals whose locale has ASCII alone: each character stays one column wide.
enum ASCIIText {
  static func of(_ text: String) -> String { String(text.map { $0.isASCII ? $0 : likenesses[$0] ?? "?" }) }

  private static let likenesses: [Character: Character] = [
    "–": "-", "−": "-", "…": "~", "→": ">", "µ": "u", "×": "x", "÷": "/", "·": ".", "≥": ">", "≤": "<", "≈": "~",
    "\u{202f}": " ", "\u{a0}": " ", "│": "|", "█": "#", "▉": "#", "▊": "#", "▋": "#", "▌": "#", "▍": "#", "▎": " ",
    "▏": " ", "✗": "x", "⚠": "!", "’": "'", "“": "\"", "”": "\"",
  ]
}
