import LinuxSystem

/// Text for XML and HTML.
enum XMLText {
  /// The text with every character replaced that could mean something in an element or in a quoted attribute. What XML 1.0
  /// cannot hold at all (§2.2) becomes U+FFFD, and so does what would turn the direction of the text around it.
  ///
  /// Works on scalars: a `"` with a combining mark after it is one character in Swift, and still a `"` in HTML.
  static func escape(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
      case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
      case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
      case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
      // As themselves they would become blanks in an attribute.
      case "\n": escaped.append(contentsOf: "&#10;".unicodeScalars)
      case "\r": escaped.append(contentsOf: "&#13;".unicodeScalars)
      case "\t": escaped.append(contentsOf: "&#9;".unicodeScalars)
      case "\u{0}"..<"\u{20}", "\u{7f}"..<"\u{a0}", "\u{fffe}", "\u{ffff}": escaped.append("\u{fffd}")
      case _ where scalar.turnsText: escaped.append("\u{fffd}")
      default: escaped.append(scalar)
      }
    }
    return String(escaped)
  }
}
