import LinuxSystem

/// Text inside Markdown.
enum MarkdownText {
  /// The text with every character escaped that could begin an element, end a table's cell, or be HTML. Line ends become
  /// blanks. What GitHub and GitLab make links of by themselves (addresses, people, issues, labels) they find in the rendered
  /// text, where no escape is left: a space of no width comes between.
  static func escape(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    let scalars = Array(text.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      switch scalar {
      case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
      case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
      case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
      case "\\", "`", "*", "_", "[", "]", "|", "#", "~", "!", "$":
        escaped.append("\\")
        escaped.append(scalar)
      case "\u{2028}", "\u{2029}": escaped.append(" ")
      case _ where scalar.isActedOn: escaped.append(" ")
      default: escaped.append(scalar)
      }
      if beginsLink(scalars, at: index) { escaped.append(contentsOf: "&#8203;".unicodeScalars) }
    }
    return String(escaped)
  }

  /// Whether a link would begin with the scalar, or go on behind it: `@somebody`, `#1`, `https://`, `www.`.
  private static func beginsLink(_ scalars: [Unicode.Scalar], at index: Int) -> Bool {
    guard index + 1 < scalars.count else { return false }
    let next = scalars[index + 1]
    switch scalars[index] {
    case "@", "#", "!", "~", "$", "%", "&": return next.properties.isAlphabetic || next.properties.numericType != nil
    case ":": return next == "/"
    case "w", "W": return next == "."
    default: return false
    }
  }
}
