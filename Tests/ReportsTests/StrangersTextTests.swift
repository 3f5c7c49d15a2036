import LinuxSystem
import Testing

@testable import Reports

/// What a guest, a bundle or another user wrote is shown and does nothing.
@Suite struct StrangersTextTests {
  @Test(arguments: ["=1+1", "+cmd", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\u{ff1d}1"])
  func aCellThatBeginsLikeAFormulaIsAText(cell: String) {
    let text = CSV.text(header: ["a"], rows: [[cell]])
    #expect(text.hasPrefix("a\r\n'") || text.hasPrefix("a\r\n\"'"))
  }

  @Test(arguments: ["-1.5", "+2", "-1e-30", "1", "plain = text", "a-b"])
  func aNumberAndAPlainTextStayAsTheyAre(cell: String) {
    #expect(CSV.text(header: ["a"], rows: [[cell]]) == "a\r\n\(cell)\r\n")
  }

  @Test func markdownMentionsNobodyAndLinksNowhere() {
    let text = MarkdownText.escape("@team see #12, !3, ~bug, $x$, https://evil.example/ and www.evil.example [a](b)")
    for link in ["@team", "#12", "!3", "~bug", "://", "www.", "[a](b)"] { #expect(!text.contains(link), "\(text)") }
    #expect(MarkdownText.escape("a: b, 5 % of c @ d") == "a: b, 5 % of c @ d")
  }

  @Test func nothingTurnsTheTextAroundIt() {
    #expect(!MarkdownText.escape("a\u{202e}b").unicodeScalars.contains { $0.turnsText })
    #expect(XMLText.escape("a\u{202e}b\u{2066}c\u{9b}") == "a\u{fffd}b\u{fffd}c\u{fffd}")
  }
}
