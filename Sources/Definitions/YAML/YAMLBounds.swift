/// What a YAML file may ask of whoever reads it, looked at before it is parsed: a file may be a stranger's, aliases that unfold
/// one another double with each level, and a parser goes one call deeper with each level of nesting.
enum YAMLBounds {
  /// Bytes of a file; the longest that comes with the program has a fiftieth of it.
  static let longest = 1 << 20
  /// Aliases of a file. So few cannot unfold to more than a few hundred nodes, whatever they refer to.
  private static let mostAliases = 16
  /// Levels of lists and mappings in each other, by brackets, by dashes on a line or by columns.
  private static let deepest = 64
  private static let widestIndentation = 256

  static func check(_ text: String, path: String) throws(DefinitionError) {
    guard text.utf8.count <= longest else {
      throw DefinitionError(path: path, expected: "at most \(longest >> 10) KiB", found: "\(text.utf8.count >> 10) KiB")
    }
    var aliases = 0
    var open = 0
    for (index, line) in text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
      aliases += countAliases(line)
      let (indentation, marks) = beginning(of: line)
      for byte in line {
        if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { open += 1 }
        if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") { open = max(0, open - 1) }
        if open > deepest { break }
      }
      let problem: (expected: String, found: String)? =
        if aliases > mostAliases {
          ("at most \(mostAliases) aliases (*name)", "more")
        } else if open > deepest
          || marks > deepest || indentation > widestIndentation
        { ("at most \(deepest) levels of lists and mappings", "more") } else { nil }
      if let problem {
        throw DefinitionError(path: path, line: index + 1, expected: problem.expected, found: problem.found)
      }
    }
  }

  /// What looks like an alias: an asterisk where a node may begin, with a name behind it.
  private static func countAliases(_ line: Substring.UTF8View) -> Int {
    var count = 0
    var last = UInt8(ascii: " ")
    var isOpen = false
    for byte in line {
      let isName = byte > 0x20 && !",[]{}*".utf8.contains(byte)
      if isOpen, isName { count += 1 }
      isOpen = byte == UInt8(ascii: "*") && " \t,[{:-?".utf8.contains(last)
      last = byte
    }
    return count
  }

  /// The blanks before a line's first word, and the marks of lists and keys among them.
  private static func beginning(of line: Substring.UTF8View) -> (indentation: Int, marks: Int) {
    var (indentation, marks) = (0, 0)
    for byte in line {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"): indentation += 1
      case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"): marks += 1
      default: return (indentation, marks)
      }
    }
    // A line of dashes alone is a rule or the end of a document.
    return (indentation, indentation == 0 ? 0 : marks)
  }
}
