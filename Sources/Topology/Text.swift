// Small text helpers that Foundation would otherwise be pulled in for.

extension String {
  /// Without white space at both ends.
  var trimmed: String { String(Substring(self).trimmed) }
}

extension Substring {
  /// Without white space at both ends.
  var trimmed: Substring {
    var text = self
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }
}

/// Orders names as a person would: runs of digits by their value, the rest by character.
func naturallyPrecedes(_ left: String, _ right: String) -> Bool {
  func parts(_ text: String) -> (Substring, Int) {
    let digits = text.reversed().prefix { $0.isASCII && $0.isNumber }.count
    return (text.dropLast(digits), Int(text.suffix(digits)) ?? -1)
  }
  let (leftHead, leftNumber) = parts(left)
  let (rightHead, rightNumber) = parts(right)
  return leftHead == rightHead ? leftNumber < rightNumber : left < right
}

/// A number of bytes in the largest binary unit that divides it well: "23.5 GiB", "32 KiB".
func binarySize(_ bytes: UInt64) -> String {
  var value = Double(bytes)
  var unit = 0
  let units = ["B", "KiB", "MiB", "GiB", "TiB"]
  while value >= 1024 && unit < units.count - 1 {
    value /= 1024
    unit += 1
  }
  return "\(oneDecimal(value)) \(units[unit])"
}

/// Rounded to one decimal, which is left out when it is zero.
func oneDecimal(_ value: Double) -> String {
  let tenths = (value * 10).rounded()
  return tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10))" : "\(tenths / 10)"
}
