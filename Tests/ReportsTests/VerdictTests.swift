import Reports
import Results
import Testing

@Suite("What a report says")
struct VerdictTests {
  @Test("A claim that its interval supports is said to hold, first of all")
  func pass() throws {
    let html = try MadeUp.file("report.html", MadeUp.result())
    #expect(html.contains("<p class=\"headline\">Near bare metal as claimed: the one claim holds.</p>"))
  }

  @Test("A claim that fails is said so, and nothing is called near bare metal")
  func fail() throws {
    let html = try MadeUp.file("report.html", MadeUp.result(speed: 0.8))
    #expect(html.contains("Not as claimed: 1 claim of 1 fails."))
    #expect(!html.lowercased().contains("near bare metal"))
  }

  @Test("A recorded pass without an interval to support it is not repeated")
  func unsupportedPass() throws {
    var result = MadeUp.result()
    (result.claims[0].low, result.claims[0].high) = (nil, nil)
    let html = try MadeUp.file("report.html", result)
    #expect(html.contains("Undecided: 0 claims of 1 hold, 1 inconclusive."))
    #expect(html.contains("the recorded interval does not support the recorded verdict"))
    #expect(try MadeUp.file("junit.xml", result).contains("<skipped message=\"inconclusive: "))
  }

  @Test("Too few blocks to decide are said so, with the number that is needed, in every text")
  func tooFewBlocks() throws {
    let result = MadeUp.result(blocks: 3, margin: nil)
    let sentence = "Too few blocks to decide anything: at level 95 % at least 5 are needed."
    #expect(try MadeUp.file("report.html", result).contains(sentence))
    #expect(try MadeUp.file("summary.md", result).contains(sentence))
    #expect(TerminalReport.render(result).hasPrefix(sentence))
    let claimed = MadeUp.result(blocks: 3)
    #expect(claimed.claims[0].verdict == .inconclusive)
    #expect(try MadeUp.file("report.html", claimed).contains("3 blocks cannot decide at level 0.95"))
  }

  @Test("A claim that holds on figures better than the metal's is not celebrated")
  func superNativeClaim() throws {
    let html = try MadeUp.file("report.html", MadeUp.result(speed: 1.3))
    #expect(
      html.contains(
        "<p class=\"headline\">To be checked: 1 claim of 1 rests on figures that are better than bare metal"))
    #expect(!html.lowercased().contains("near bare metal"))
  }

  @Test(
    "The most extreme ratios that a file can hold are drawn",
    arguments: [(1e-300, 1e300), (Double.leastNonzeroMagnitude, 1.0), (1.0, 1.0)])
  func extremeRatios(low: Double, high: Double) throws {
    var result = MadeUp.result()
    (result.comparisons[0].low, result.comparisons[0].ratio, result.comparisons[0].high) = (low, low, high)
    result = try ResultStore.decode(ResultStore.encode(result), path: "r")
    let html = try MadeUp.file("report.html", result)
    #expect(html.contains("%\" y=\"12\">1</text>"))
    #expect(!html.contains("=\"nan\"") && !html.contains("=\"inf\"") && !html.contains("=\"-inf\""))
  }

  @Test("Interruption, a debug build, failures and a super-native ratio are warned of")
  func warnings() throws {
    var result = MadeUp.result(speed: 1.3)
    result.run.interrupted = true
    result.run.buildConfiguration = .debug
    let text = TerminalReport.render(result, TerminalOptions(showsAll: true))
    #expect(text.contains("! The run was interrupted"))
    #expect(text.contains("! The tool was a debug build"))
    #expect(text.contains("! 2 comparisons are faster than bare metal by more than noise"))
    #expect(text.contains("! 6 of 60 legs failed."))
    #expect(text.contains("! Disturbed: 1 of 60 legs."))
    #expect(try MadeUp.file("report.html", result).contains("the two sides probably did not do equal work"))
  }

  @Test("Every skipped or failed kind of exit stands in the exits table with its reason")
  func exits() throws {
    let html = try MadeUp.file("report.html", MadeUp.result())
    let table = try #require(html.split(separator: "<section aria-labelledby=\"exits\">").last)
    #expect(table.contains("exits.hypercall</th><td>nearmetal guest</td><td class=\"number\">not measured</td>"))
    #expect(table.contains("skipped: no: plain"))
    #expect(table.contains("4\u{202f}203 [4\u{202f}201, 4\u{202f}205]"))
    #expect(table.contains("12\u{202f}000 [12\u{202f}000, 12\u{202f}000]"))
  }
}
