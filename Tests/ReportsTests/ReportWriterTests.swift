import Foundation
import Reports
import Results
import Testing

@Suite("Derived files")
struct ReportWriterTests {
  func inScratch(_ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "nearmetal-reports-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test("All files are written, nothing is left beside them, and a check of them finds no difference")
  func writeAndCheck() throws {
    let result = MadeUp.result(texts: MadeUp.hostile)
    try inScratch { directory in
      try ResultStore.write(result, to: directory)
      try ReportWriter.writeAll(result, to: directory)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == [
          "environment.csv", "junit.xml", "report.html", "result.json", "samples.csv", "summary.csv", "summary.md",
        ])
      #expect(try ReportWriter.check(directory) == [])
    }
  }

  @Test("A check names the files that were changed by a byte and those that are gone")
  func checkFindsDifferences() throws {
    let result = MadeUp.result()
    try inScratch { directory in
      try ResultStore.write(result, to: directory)
      try ReportWriter.writeAll(result, to: directory)
      let path = directory + "/summary.csv"
      try Data(contentsOf: URL(fileURLWithPath: path)).dropLast().write(to: URL(fileURLWithPath: path))
      try FileManager.default.removeItem(atPath: directory + "/report.html")
      #expect(try ReportWriter.check(directory) == ["summary.csv", "report.html"])
    }
  }

  @Test("A check of a directory without a result says what is missing")
  func checkWithoutResult() throws {
    try inScratch { directory in
      do {
        _ = try ReportWriter.check(directory)
        Issue.record("it was checked")
      } catch {
        #expect("\(error)" == "cannot read \(directory)/result.json: No such file or directory")
      }
    }
  }

  @Test("An empty run makes every file and praises nothing")
  func emptyRun() throws {
    var result = MadeUp.result(blocks: 1, margin: nil)
    (result.legs, result.comparisons, result.summaries) = ([], [], [])
    for file in try ReportWriter.render(result) {
      let text = String(decoding: file.bytes, as: UTF8.self)
      #expect(!text.isEmpty)
      #expect(!text.lowercased().contains("near bare metal"))
    }
    #expect(try MadeUp.file("report.html", result).contains("Nothing was compared with bare metal."))
  }
}
