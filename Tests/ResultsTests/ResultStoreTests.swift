import Foundation
import Results
import Testing

@Suite("The store")
struct ResultStoreTests {
  /// A directory of its own for a test; removed after it.
  func inScratch(_ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "nearmetal-results-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test("A result is read back as it was written, and written again byte for byte")
  func roundTrip() throws {
    let result = try MadeUp.result()
    try inScratch { scratch in
      let directory = scratch + "/made/for it"
      try ResultStore.write(result, to: directory)
      let read = try ResultStore.read(directory)
      #expect(read == result)
      #expect(read.run.seed.value == .max)
      let bytes = try ResultStore.encode(read)
      #expect(bytes == [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory + "/result.json"))))
      #expect(bytes.last == 0x0a)
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["result.json"])
    }
  }

  @Test(
    "Doubles survive to the last bit",
    arguments: [0.1, 1.0 / 3, Double.leastNonzeroMagnitude, Double.greatestFiniteMagnitude, 1e21, 123456789.123, -0.0])
  func doublesSurvive(value: Double) throws {
    var result = try MadeUp.result()
    result.legs[0].metrics[0].value = value
    let read = try ResultStore.decode(ResultStore.encode(result), path: "r")
    #expect(
      read.legs[0].metrics[0].value.bitPattern == value.bitPattern || (value == 0 && read.legs[0].metrics[0].value == 0)
    )
  }

  @Test("Figures that are not finite are refused with their place", arguments: [Double.nan, .infinity, -.infinity])
  func notFinite(value: Double) throws {
    var result = try MadeUp.result()
    result.legs[1].metrics[0].value = value
    do {
      _ = try ResultStore.encode(result)
      Issue.record("it was encoded")
    } catch {
      #expect("\(error)".contains("legs[1].metrics[0].value"))
    }
  }

  @Test("A result of another run is not overwritten; one of the same run is")
  func foreignResult() throws {
    var result = try MadeUp.result()
    try inScratch { directory in
      try ResultStore.write(result, to: directory)
      result.run.interrupted = true
      try ResultStore.write(result, to: directory)
      #expect(try ResultStore.read(directory).run.interrupted)
      var other = result
      other.run.id = "another"
      #expect(
        throws: ResultWriteError.foreignResult(
          path: directory + "/result.json", found: "the result of run 20261122-101500")
      ) { try ResultStore.write(other, to: directory) }
      #expect(throws: ResultWriteError.self) { try ResultStore.prepare(directory) }
      try Data("{}".utf8).write(to: URL(fileURLWithPath: directory + "/result.json"))
      #expect(
        throws: ResultWriteError.foreignResult(
          path: directory + "/result.json", found: "something that is not a result")
      ) { try ResultStore.write(other, to: directory) }
    }
  }

  @Test("A directory that cannot be made is told in one line, before anything is measured")
  func cannotPrepare() throws {
    try inScratch { scratch in
      try Data().write(to: URL(fileURLWithPath: scratch + "/file"))
      do {
        try ResultStore.prepare(scratch + "/file/under")
        Issue.record("it was prepared")
      } catch {
        #expect("\(error)".contains("cannot make the directory \(scratch)/file/under: Not a directory"))
        #expect(!"\(error)".contains("\n"))
      }
      try ResultStore.prepare(scratch + "/new")
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch + "/new").isEmpty)
    }
  }

  @Test("A file that is not there is unreadable, and named")
  func unreadable() {
    do {
      _ = try ResultStore.read("/nowhere/result.json")
      Issue.record("it was read")
    } catch {
      guard case .unreadable = error else {
        Issue.record("\(error)")
        return
      }
      #expect("\(error)" == "cannot read /nowhere/result.json: No such file or directory")
    }
  }

  @Test("Another version of the schema is told as such, whatever else the file holds")
  func otherVersion() {
    #expect(
      throws: DocumentReadError.wrongSchema(
        path: "r.json", expected: RunResult.currentSchema, found: "nearmetal.result/2")
    ) {
      try ResultStore.decode([UInt8](#"{"schema": "nearmetal.result/2", "legs": 7}"#.utf8), path: "r.json")
    }
  }

  @Test(
    "What is not JSON is told with line and column",
    arguments: [
      ("{\n  \"schema\" 1\n}", "2:12: expected \":\""), ("", "1:1: expected a value"),
      ("{\"schema\": \"x\"", "1:15: expected \",\" or \"}\""), ("{\"schema\":\n tru}", "2:5: expected true"),
      ("{} x", "1:4: expected the end of the file"),
      ("[1,", "1:4: expected a value"), ("{\"a", "1:4: expected the end of a string"),
      (String(repeating: "[", count: 100_000), "1:502: expected fewer than 500 levels"),
    ])
  func notJSON(text: String, problem: String) {
    do {
      _ = try ResultStore.decode([UInt8](text.utf8), path: "r.json")
      Issue.record("it was decoded")
    } catch {
      #expect("\(error)" == "r.json: " + problem)
    }
  }

  @Test(
    "What does not fit is told with the field's path and what was expected there",
    arguments: [
      (#""status" : "ok""#, #""status" : "fine""#, "legs[0].status: "),
      (#""block" : 0"#, #""block" : "0""#, "legs[0].block: expected a whole number"),
      (#""fingerprint" : "0123abcd","#, "", "host: expected the field \"fingerprint\""),
      (
        #""seed" : "18446744073709551615""#, #""seed" : "18446744073709551616""#,
        "run.seed: expected a string of decimal"
      ),
      (
        #""blocks" : 6,\#n    "buildConfiguration""#, #""blocks" : 0, "buildConfiguration""#,
        "run.blocks: expected at least 1"
      ),
      (#""mode" : "native""#, #""mode" : "polled""#, "legs[0].path.mode: expected native"),
    ])
  func misfit(old: String, new: String, expected: String) throws {
    var text = String(decoding: try ResultStore.encode(MadeUp.result()), as: UTF8.self)
    let legs = try #require(text.range(of: "\"legs\"")).lowerBound
    // The legs' fields and those after them; comparisons come earlier in the file and have some of the same names.
    let range = try #require(text.range(of: old, range: legs..<text.endIndex) ?? text.range(of: old))
    text.replaceSubrange(range, with: new)
    do {
      _ = try ResultStore.decode([UInt8](text.utf8), path: "r.json")
      Issue.record("it was decoded")
    } catch {
      #expect("\(error)".hasPrefix("r.json: " + expected), "\(error)")
      #expect(!"\(error)".contains("\n"))
    }
  }

  @Test("A leg that is not ok must say why, and must not carry figures")
  func consistency() throws {
    var silent = try MadeUp.result()
    let index = try #require(silent.legs.firstIndex { $0.status == .skipped })
    silent.legs[index].reason = nil
    #expect(
      throws: DocumentReadError.malformed(
        path: "r", place: "legs[\(index)].reason", expected: "expected why the leg was skipped")
    ) { try ResultStore.decode(ResultStore.encode(silent), path: "r") }
    var figures = try MadeUp.result()
    figures.legs[index].metrics = [MadeUp.iops(1)]
    #expect(throws: DocumentReadError.self) { try ResultStore.decode(ResultStore.encode(figures), path: "r") }
    var nothing = try MadeUp.result()
    nothing.comparisons[0].ratio = 0
    #expect(
      throws: DocumentReadError.malformed(
        path: "r", place: "comparisons[0].ratio", expected: "expected a number above 0, found 0.0")
    ) { try ResultStore.decode(ResultStore.encode(nothing), path: "r") }
    var twice = try MadeUp.result()
    twice.legs[1].id = twice.legs[0].id
    #expect(throws: DocumentReadError.self) { try ResultStore.decode(ResultStore.encode(twice), path: "r") }
  }
}
