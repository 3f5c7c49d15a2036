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
