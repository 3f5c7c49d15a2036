import Bills
import Reports
import Results
import TestSupport
import Testing

@Suite("A bill is shown in tables")
struct BillReportTests {
  private func comparison() throws -> BillComparison {
    var base = MadeUp.line("exits.pio.kernel", [1428, 1428])
    var head = MadeUp.line("exits.pio.kernel", [1284, 1284])
    (base.layers, head.layers) = (["kvm": 1028, "kernel": 400], ["kvm": 884, "kernel": 400])
    return try BillComparison(
      base: MadeUp.bill([base, MadeUp.line("exits.trap", [2937, 2937])]),
      head: MadeUp.bill([head, MadeUp.line("exits.trap", [3103, 3103])], release: "6.12.0"), threshold: .share(0.002))
  }

  @Test func theTextNamesWhatChangedAndOfWhatItIsMade() throws {
    let text = BillText.render(try comparison())
    #expect(text.contains("1 cost more, 1 cost less"))
    #expect(text.contains("exits.pio.kernel: kvm −144"))
    #expect(text.contains("+166 (+5.7 %)"))
  }

  @Test func aPullRequestGetsTheFiguresOfBothSides() throws {
    let files = try BillReport.files(try comparison())
    let markdown = String(decoding: try #require(files.first { $0.name == "bill-diff.md" }).bytes, as: UTF8.self)
    #expect(
      markdown.contains("| improvement | exits.pio.kernel | 1\u{a0}428 → 1\u{a0}284 | −144 (−10.1 %) | kvm −144 |"))
    #expect(markdown.contains("| regression | exits.trap |"))
  }

  @Test func aRegressionIsAFailureOfJUnitAndAnUndecidedLineIsSkipped() throws {
    let files = try BillReport.files(try comparison())
    let xml = String(decoding: try #require(files.first { $0.name == "junit.xml" }).bytes, as: UTF8.self)
    #expect(xml.contains("tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\""))
    #expect(xml.contains("name=\"exits.trap\""))
    if JUnitSchema.isHere { #expect(try JUnitSchema.problems(xml) == "") }
  }

  @Test func theTableHasARowForEveryFigureWithItsPasses() throws {
    let files = try BillReport.files(BillStoreTests.full())
    let table = String(decoding: try #require(files.first { $0.name == "bill.csv" }).bytes, as: UTF8.self)
    #expect(table.contains("exits.pio.user,,nearmetal,guest,ok,,instructions,instructions,3447.0,3449.0,2.0\r\n"))
    #expect(table.contains(",layer.kvm,instructions,1826.0,,0.0\r\n"))
    #expect(table.contains("exits.syscall,,nearmetal,guest,skipped,this host has none,,,,,\r\n"))
  }

  @Test func theTextOfABillSaysWhatIsNotTheSameInBothPasses() {
    let text = BillText.render(BillStoreTests.full())
    #expect(text.contains("1 of 2 are the same in both passes"))
    #expect(text.contains("3\u{a0}447 to 3\u{a0}449"))
    #expect(text.contains("skipped: exits.syscall: this host has none"))
  }

  @Test func monitorsStandBesideEachOtherAndWhatIsNoExitIsNamed() throws {
    var ours = MadeUp.line("exits.pio.user", [3000, 3000], counts: ["exits": 1])
    var theirs = MadeUp.line("exits.pio.user", [4000, 4000], path: Path(.qemu, .guest), counts: ["exits": 1.01])
    ours.layers = ["kvm": 2900, "monitor": 80, "libraries": 20]
    theirs.layers = ["kvm": 2800, "monitor": 1000, "libraries": 200]
    let trap = MadeUp.line("exits.trap", [100, 100], counts: ["exits": 0.01])
    let bill = MadeUp.bill([trap, ours, theirs])
    let markdown = try #require(try BillReport.files(bill).first { $0.name == "bill.md" })
    for text in [BillText.render(bill), String(decoding: markdown.bytes, as: UTF8.self)] {
      #expect(text.contains("no exits on svm: exits.trap"))
      let words = "in user space, exits.pio.user, guest: nearmetal 100, qemu 1\u{a0}200 (0.08 of that)"
      #expect(text.contains(words), "\(text)")
    }
  }
}
