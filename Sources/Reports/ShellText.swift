import LinuxSystem

/// A command line on one line that a POSIX shell (issue 8, or bash) reads back as the same words.
enum ShellText {
  static func command(_ words: [String]) -> String {
    words.map(quoted).joined(separator: " ")
  }

  private static func quoted(_ word: String) -> String {
    let isPlain = word.unicodeScalars.allSatisfy { scalar in
      ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
        || "-_./=:,@%+".unicodeScalars.contains(scalar)
    }
    if isPlain && !word.isEmpty { return word }
    if word.unicodeScalars.contains(where: \.isActedOn) {
      return "$'" + word.unicodeScalars.map(escaped).joined() + "'"
    }
    return "'" + word.unicodeScalars.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
  }

  /// As it stands inside `$'…'`: what a terminal acts on byte by byte in octal.
  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    if scalar == "'" || scalar == "\\" { return "\\\(scalar)" }
    guard scalar.isActedOn else { return String(scalar) }
    return String(scalar).utf8.map { byte in
      let digits = String(byte, radix: 8)
      return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }.joined()
  }
}
