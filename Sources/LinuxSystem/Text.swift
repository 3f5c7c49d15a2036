// Small text helpers that Foundation would otherwise be pulled in for.

extension String {
  /// Without white space at both ends.
  package var trimmed: String { String(Substring(self).trimmed) }
}

extension Substring {
  /// Without white space at both ends.
  package var trimmed: Substring {
    var text = self
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }
}

extension StringProtocol {
  /// Without line breaks: as a message has it.
  package var oneLine: String { split(whereSeparator: \.isNewline).joined(separator: " ") }

  /// With something else in place of a scalar, also of one that is a character together with the marks behind it: a `"` with an accent
  /// is one character in Swift, which `replacing(_:with:)` passes over, and still a `"` to whoever reads bytes.
  package func replacing(scalar: Unicode.Scalar, with replacement: String) -> String {
    var replaced = String.UnicodeScalarView()
    for one in unicodeScalars {
      if one == scalar { replaced.append(contentsOf: replacement.unicodeScalars) } else { replaced.append(one) }
    }
    return String(replaced)
  }
}

extension String {
  /// Without the characters that a terminal acts on (C0 and C1 controls, Unicode's category Cc) and without those that turn the
  /// direction of text (Unicode Standard Annex 9), which stand for spaces then: a text may be a guest's, or a stranger's.
  package var printable: String {
    String(UnicodeScalarView(unicodeScalars.map { $0.isActedOn ? " " : $0 }))
  }

  /// The same for a text of lines, which keeps its line feeds.
  package var printableLines: String {
    String(UnicodeScalarView(unicodeScalars.map { $0.isActedOn && $0 != "\n" ? " " : $0 }))
  }

  /// Without what a CI system takes for a command to itself when it reads it in a program's output: a line that begins with two colons
  /// (GitHub's workflow commands), and `##` before a word in brackets (its older ones, Azure's and TeamCity's).
  package var withoutCommands: String {
    let lines = split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let start = line.prefix(while: \.isWhitespace)
      return line[start.endIndex...].hasPrefix("::") ? start + ": " + line[start.endIndex...].dropFirst() : line
    }
    return lines.joined(separator: "\n").replacing(/##(?=[A-Za-z]*\[)/, with: "## ")
  }
}

extension Unicode.Scalar {
  /// Whether a terminal acts on it: a control character (Unicode's category Cc).
  package var isControl: Bool { value < 0x20 || (0x7f..<0xa0).contains(value) }

  /// Whether it turns the direction of text (Unicode Standard Annex 9, section 2).
  package var turnsText: Bool {
    (0x202a...0x202e).contains(value) || (0x2066...0x2069).contains(value) || [0x061c, 0x200e, 0x200f].contains(value)
  }

  /// Whether it does something other than be seen.
  package var isActedOn: Bool { isControl || turnsText }
}

/// Orders names as a person would: runs of digits by their value, the rest by character.
package func naturallyPrecedes(_ left: String, _ right: String) -> Bool {
  func parts(_ text: String) -> (Substring, Int) {
    let digits = text.reversed().prefix { $0.isASCII && $0.isNumber }.count
    return (text.dropLast(digits), Int(text.suffix(digits)) ?? -1)
  }
  let (leftHead, leftNumber) = parts(left)
  let (rightHead, rightNumber) = parts(right)
  return leftHead == rightHead ? leftNumber < rightNumber : left < right
}
