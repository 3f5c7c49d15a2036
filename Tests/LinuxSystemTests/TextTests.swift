import LinuxSystem
import Testing

/// What a guest or a stranger wrote, on its way to a terminal and to a CI system's log.
@Suite struct TextTests {
  @Test(arguments: [
    ("::error::it was not", ": :error::it was not"), ("a\n  ::stop-commands::x\nb", "a\n  : :stop-commands::x\nb"),
    ("##[group]x", "## [group]x"), ("said ##vso[task.setvariable]y", "said ## vso[task.setvariable]y"),
    ("##teamcity[testFailed]", "## teamcity[testFailed]"),
  ])
  func commandsToACISystemAreNone(text: String, expected: String) {
    #expect(text.withoutCommands == expected)
    #expect(expected.withoutCommands == expected)
  }

  @Test(arguments: ["", "\n", "a ::b::", "Sources::x", "## heading\n\n[link]", "# [x]", ": :", "a\n\nb\n"])
  func otherTextStays(text: String) {
    #expect(text.withoutCommands == text)
  }

  @Test func controlsAndTurnsAreSpaces() {
    #expect("a\u{1b}[31mb\u{202e}c\n".printable == "a [31mb c ")
    #expect("a\u{7}\nb".printableLines == "a \nb")
  }
}
