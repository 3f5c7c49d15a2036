import Reports
import Results
import Testing

@Suite("Terminal text")
struct TerminalReportTests {
  @Test("No control character reaches the terminal, whatever a guest wrote")
  func controls() {
    let text = TerminalReport.render(MadeUp.result(texts: MadeUp.hostile))
    let controls = text.unicodeScalars.filter { $0.value < 0x20 && $0 != "\n" || (0x7f..<0xa0).contains($0.value) }
    #expect(controls.isEmpty)
  }

  @Test("Ratios stand in a table with their intervals, peers in one of their own")
  func tables() throws {
    let lines = TerminalReport.render(MadeUp.result()).split(separator: "\n")
    let header = try #require(lines.firstIndex { $0.hasPrefix("Workload") && $0.contains("Ratio to bare metal") })
    #expect(lines[header + 1].allSatisfy { $0 == "-" || $0 == " " })
    #expect(lines[header + 2].contains("block.randread bs=4KiB qd=1 iops"))
    #expect(lines.contains { $0.contains("nearmetal polled") && $0.contains("0.960 [0.956, 0.964]") })
    #expect(lines.contains { $0.contains("Ratio to QEMU") })
    #expect(lines.contains { $0.hasPrefix("skipped: block.randread bs=4KiB qd=1, nearmetal vhost, blocks 0–5: plain") })
    #expect(!lines.contains { $0.hasSuffix(" ") })
  }

  @Test("Characters of several units do not shift or shorten a table's columns")
  func wideCharacters() throws {
    var result = MadeUp.result()
    result.claims[0].text = "Cafe\u{301} 👩‍👩‍👧 reads e\u{301}\u{323} are near, END"
    let line = try #require(TerminalReport.render(result).split(separator: "\n").first { $0.hasPrefix("pass ") })
    #expect(line.contains("Café \u{fffd} reads"))
    #expect(line.contains("END 0.960 [0.956, 0.964]  0.900"))
  }
}
