import Foundation
import Reports
import Results
import Testing

@Suite("Terminal text")
struct TerminalReportTests {
  private func lines(_ result: RunResult, _ options: TerminalOptions = TerminalOptions(directory: "out")) -> [String] {
    TerminalReport.render(result, options).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .map(String.init)
  }

  private static let sample = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "../../Reports/sample"
  ).standardized.path

  @Test("No control character reaches the terminal, whatever a guest wrote", arguments: [false, true])
  func controls(showsAll: Bool) {
    let text = TerminalReport.render(
      MadeUp.result(texts: MadeUp.hostile), TerminalOptions(showsAll: showsAll, isWide: showsAll, directory: "out"))
    let controls = text.unicodeScalars.filter { $0.value < 0x20 && $0 != "\n" || (0x7f..<0xa0).contains($0.value) }
    #expect(controls.isEmpty)
  }

  @Test("The committed run fits a screen: 45 lines of 100 columns, the verdict first and last, no counter of zero")
  func screen() throws {
    let result = try ResultStore.read(Self.sample)
    let lines = lines(result)
    #expect(lines.count <= 45, "\(lines.joined(separator: "\n"))")
    #expect(lines.allSatisfy { $0.count <= 100 }, "\(lines.filter { $0.count > 100 })")
    #expect(lines.first == lines.last && lines[0].hasPrefix("Not as claimed"))
    #expect(!lines.contains { $0.contains("frames.") })
    // A line for each mode of each workload that has a counterpart on bare metal.
    let modes = Set(result.comparisons.filter { $0.reference == .native }.map { "\($0.workload) \($0.path)" })
    let ours = modes.filter { $0.contains("nearmetal") }
    #expect(ours.count > 10 && lines.count { $0.contains("│") } == ours.count)
    #expect(lines.contains { $0.hasPrefix("fail") && $0.contains("2006.paravirtual-block") && $0.contains("≥ 0.95") })
    #expect(lines.contains { $0.contains("nearmetal explain out") })
  }

  @Test("Every figure is in tables where all are asked for, peers in one of their own")
  func tables() throws {
    let lines = lines(MadeUp.result(), TerminalOptions(showsAll: true))
    let header = try #require(lines.firstIndex { $0.hasPrefix("Workload") && $0.contains("Ratio to bare metal") })
    #expect(lines[header + 1].allSatisfy { $0 == "-" || $0 == " " })
    #expect(lines[header + 2].contains("block.randread bs=4KiB qd=1 iops"))
    #expect(lines.contains { $0.contains("nearmetal polled") && $0.contains("0.960 [0.956, 0.964]") })
    #expect(lines.contains { $0.contains("Ratio to QEMU") })
    #expect(!lines.contains { $0.hasSuffix(" ") })
  }

  @Test("Legs that did not run share a line where they share a reason")
  func reasons() {
    let lines = lines(MadeUp.result())
    #expect(lines.contains("failed: 6 legs, net.ping, nearmetal guest: wrong byte: plain"))
    #expect(lines.contains("skipped: 6 legs, block.randread bs=4KiB qd=1, nearmetal vhost: plain"))
    #expect(lines.contains("disturbed: 1 leg: steal: plain"))
  }

  @Test("What was lost on a wire is shown where there was some")
  func losses() {
    var result = MadeUp.result()
    for (metric, mean) in [("frames.lost", 2.0), ("frames.corrupted", 0)] {
      result.summaries.append(
        SummaryRecord(
          workload: Workload("net.bulk"), metric: metric, unit: "frames", direction: .lower,
          path: Path(.nearmetal, .polled), mean: mean, low: nil, high: nil, level: 0.95, blocks: 6))
    }
    let without = lines(MadeUp.result()).count
    let lines = lines(result)
    #expect(lines.contains("frames.lost 2.000 a leg: net.bulk, nearmetal polled"))
    #expect(!lines.contains { $0.contains("frames.corrupted") })
    #expect(lines.count == without, "in place of a blank line")
  }

  @Test("A locale without Unicode gets ASCII alone, on lines as long")
  func ascii() throws {
    let result = try ResultStore.read(Self.sample)
    let ascii = lines(result, TerminalOptions(style: TerminalStyle(isUnicode: false), directory: "out"))
    #expect(ascii.allSatisfy { $0.utf8.allSatisfy { (0x20..<0x7f).contains($0) } })
    #expect(ascii.contains { $0.contains("####") && $0.contains("|") })
    #expect(ascii.count == lines(result).count)
  }

  @Test("Sentences stand whole, and lines are as long as they are, where that is asked for")
  func wide() throws {
    let result = try ResultStore.read(Self.sample)
    let text = TerminalReport.render(result, TerminalOptions(isWide: true, directory: "out"))
    for claim in result.claims { #expect(text.contains(claim.text), "\(claim.id)") }
    #expect(!text.contains("…"))
  }

  @Test("Characters of several units do not shift or shorten a line's columns")
  func wideCharacters() throws {
    var result = MadeUp.result()
    result.claims[0].text = "Cafe\u{301} 👩‍👩‍👧 reads e\u{301}\u{323} are near, END"
    let line = try #require(lines(result, TerminalOptions(isWide: true)).first { $0.hasPrefix("pass ") })
    #expect(line.contains("0.960 [0.956, 0.964] ≥ 0.9"))
    #expect(line.contains("Café \u{fffd} reads") && line.hasSuffix("are near, END"))
  }
}

@Suite("Terminals")
struct TerminalStyleTests {
  @Test(
    "Characters follow the locale, the first that is set",
    arguments: [
      (["LANG": "C.UTF-8"], true), (["LANG": "en_US.utf8"], true), (["LANG": "en_US.UTF-8", "LC_ALL": "C"], false),
      (["LC_CTYPE": "C.UTF-8", "LANG": "C"], true), (["LC_ALL": "", "LANG": "C.UTF-8"], true), ([:], false),
    ])
  func locale(environment: [String: String], isUnicode: Bool) {
    #expect(TerminalStyle(environment: environment, columns: 80).isUnicode == isUnicode)
  }

  @Test(
    "Colours are for terminals, unless a variable says otherwise",
    arguments: [
      ([:], 80, true), ([:], nil, false), (["NO_COLOR": "1"], 80, false), (["NO_COLOR": ""], 80, true),
      (["CLICOLOR_FORCE": "1"], nil, true), (["CLICOLOR_FORCE": "0"], nil, false),
      (["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], 80, false), (["TERM": "dumb"], 80, false),
      (["CLICOLOR": "0"], 80, false),
    ] as [([String: String], Int?, Bool)])
  func colours(environment: [String: String], columns: Int?, isColoured: Bool) {
    #expect(TerminalStyle(environment: environment, columns: columns).isColoured == isColoured)
  }

  @Test("Colours stand around words and end with them; what a stranger wrote brings none")
  func renditions() {
    var screen = Screen()
    screen.line(Screen.Span("fail", .bad), Screen.Span(" \u{1b}[32mfine"))
    #expect(screen.text(TerminalStyle(isColoured: true)) == "\u{1b}[1;31mfail\u{1b}[0m  [32mfine\n")
    #expect(screen.text(TerminalStyle()) == "fail  [32mfine\n")
  }

  @Test("A line ends at the edge, with a sign that it went on; a paragraph goes on below")
  func edges() {
    var screen = Screen()
    screen.line(String(repeating: "x", count: 101))
    screen.paragraph("a " + String(repeating: "b", count: 70) + " c " + String(repeating: "d", count: 40))
    let lines = screen.text(TerminalStyle()).split(separator: "\n")
    #expect(lines[0] == String(repeating: "x", count: 99) + "…")
    #expect(lines[1].hasSuffix(" c") && lines[2] == "  " + String(repeating: "d", count: 40))
    #expect(screen.text(TerminalStyle(), clips: false).split(separator: "\n").count == 2)
  }
}
