/// Finds where a text stops being JSON (RFC 8259). The system's decoder refuses such a text without telling the place; this
/// runs after it did, and builds nothing.
struct JSONSyntax {
  struct Problem: Error, Equatable {
    /// From 1.
    let line: Int
    /// In bytes, from 1.
    let column: Int
    let expected: String
  }

  private let bytes: [UInt8]
  private var position = 0

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Nil where the whole text is one JSON value.
  static func firstProblem(in bytes: [UInt8]) -> Problem? {
    var syntax = JSONSyntax(bytes)
    do throws(Problem) {
      try syntax.value(depth: 0)
      if syntax.peek() != nil { throw syntax.problem("the end of the file") }
      return nil
    } catch {
      return error
    }
  }

  private func problem(_ expected: String) -> Problem {
    let before = bytes[..<position]
    let line = before.reduce(1) { $0 + ($1 == 0x0a ? 1 : 0) }
    let start = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    return Problem(line: line, column: position - start + 1, expected: expected)
  }

  /// The next byte that is no white space, which stays unread.
  private mutating func peek() -> UInt8? {
    while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
    return position < bytes.count ? bytes[position] : nil
  }

  private mutating func take(_ character: UnicodeScalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(Problem) {
    if depth > 500 { throw problem("fewer than 500 levels") }
    switch peek() {
    case UInt8(ascii: "{"): try members(depth: depth)
    case UInt8(ascii: "["): try elements(depth: depth)
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    case .some(0x30...0x39), UInt8(ascii: "-"): try number()
    default: throw problem("a value")
    }
  }

  private mutating func members(depth: Int) throws(Problem) {
    _ = take("{")
    if take("}") { return }
    repeat {
      guard peek() == UInt8(ascii: "\"") else { throw problem("a field's name in quotes") }
      try string()
      guard take(":") else { throw problem("\":\"") }
      try value(depth: depth + 1)
    } while take(",")
    guard take("}") else { throw problem("\",\" or \"}\"") }
  }

  private mutating func elements(depth: Int) throws(Problem) {
    _ = take("[")
    if take("]") { return }
    repeat { try value(depth: depth + 1) } while take(",")
    guard take("]") else { throw problem("\",\" or \"]\"") }
  }

  private mutating func string() throws(Problem) {
    position += 1
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"):
        position += 1
        guard position < bytes.count, "\"\\/bfnrtu".utf8.contains(bytes[position]) else { throw problem("an escape") }
        position += 1
      case 0..<0x20:
        throw problem("no control character in a string")
      default:
        position += 1
      }
    }
    throw problem("the end of a string")
  }

  private mutating func word(_ word: String) throws(Problem) {
    for byte in word.utf8 {
      guard position < bytes.count, bytes[position] == byte else { throw problem(word) }
      position += 1
    }
  }

  private mutating func number() throws(Problem) {
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    if position < bytes.count, bytes[position] == UInt8(ascii: "0") { position += 1 } else { try digits() }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if position < bytes.count, "eE".utf8.contains(bytes[position]) {
      position += 1
      if position < bytes.count, "+-".utf8.contains(bytes[position]) { position += 1 }
      try digits()
    }
  }

  private mutating func digits() throws(Problem) {
    let start = position
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
    if position == start { throw problem("a digit") }
  }
}
