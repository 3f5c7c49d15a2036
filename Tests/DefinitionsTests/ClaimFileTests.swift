import Definitions
import Foundation
import Results
import Testing
import Verdicts

@Suite("Files of claims")
struct ClaimFileTests {
  static let good = """
    name: mine
    claims:
      - id: a
        text: A claim.
        source: somewhere
        workload: block.randread
        metric: iops
        machine: nearmetal
        mode: polled
        margin: 0.95
        requirement: blocker
    """

  @Test("The files that come with the program are read, and every id is there once")
  func shipped() throws {
    let files = try ClaimFile.shipped()
    #expect(files.map(\.name) == ["2006", "counts", "eli-2012", "firecracker", "formats", "xen-2003"])
    let ids = files.flatMap(\.claims).map(\.id)
    #expect(Set(ids).count == ids.count && ids.allSatisfy { id in files.contains { id.hasPrefix($0.name + ".") } })
    let emulation = try #require(files.flatMap(\.claims).first { $0.id == "2006.emulation-saps-block" })
    #expect(
      emulation.reference == Path(.nearmetal, .emulated) && emulation.test == .superiority)
  }

  @Test("What is left out has its default")
  func defaults() throws {
    let claim = try #require(try ClaimFile.parse(Self.good, path: "c.yaml").claims.first)
    #expect(
      claim.reference == .native && claim.test == .nonInferiority && claim.level == 0.95
        && claim.workload.parameters.isEmpty)
  }

  @Test(
    "What is wrong is said with its line and what was expected",
    arguments: [
      ("margin: 0.95", "margin: 1.2", 10, "at most 1"), ("margin: 0.95", "margin: near", 10, "above 0"),
      ("mode: polled", "mode: telepathic", 9, "one of native"),
      ("mode: polled", "mode: native", 8, "a guest's machine"),
      ("requirement: blocker", "requirement: maybe", 11, "one of blocker"),
      ("metric: iops", "metrics: iops", 7, "one of id"),
      ("id: a", "id: A b", 3, "small letters"), ("name: mine", "title: mine", 1, "one of name"),
      ("mode: polled", "mode: polled\n    reference: polled", 10, "something else"),
      ("mode: polled", "mode: polled\n    test: superiority", 11, "1 or more"),
      ("mode: polled", "mode: polled\n    test: runs", 11, "no margin"),
      ("mode: polled", "mode: polled\n    test: count", 7, "a count for one operation"),
      ("metric: iops", "metric: exits.perOperation\n    reference: native\n    test: count", 8, "no reference"),
      ("margin: 0.95", "margin: -1\n    test: count", 10, "0 or more"),
      ("text: A claim.", "text: [", 14, "YAML"),
    ])
  func refused(old: String, new: String, line: Int, expected: String) {
    let text = Self.good.replacingOccurrences(of: old, with: new)
    let error = #expect(throws: DefinitionError.self) { try ClaimFile.parse(text, path: "c.yaml") }
    if old != "text: A claim." { #expect(error?.line == line, "\(String(describing: error))") }
    #expect(
      error?.description.hasPrefix("c.yaml:") == true && error?.expected.contains(expected) == true,
      "\(String(describing: error))")
  }

  @Test("An id twice, an empty file and a file that is not there are refused")
  func more() {
    let twice = Self.good + "\n" + Self.good.split(separator: "\n").dropFirst(2).joined(separator: "\n")
    #expect(throws: DefinitionError.self) { try ClaimFile.parse(twice, path: "c.yaml") }
    #expect(throws: DefinitionError.self) { try ClaimFile.parse("", path: "c.yaml") }
    #expect(throws: DefinitionError.self) { try ClaimFile.read("/no/such/file.yaml") }
  }

  @Test("Other parameters make a reference of the same path, of bare metal too")
  func variants() throws {
    let text = Self.good.replacingOccurrences(
      of: "metric: iops", with: "parameters: {format: qcow2}\n    referenceParameters: {format: raw}\n    metric: iops")
    let claim = try #require(try ClaimFile.parse(text, path: "c.yaml").claims.first)
    #expect(claim.reference == claim.path && claim.referenceParameters == ["format": "raw"])
    let native = text.replacingOccurrences(of: "machine: nearmetal", with: "machine: native")
      .replacingOccurrences(of: "mode: polled", with: "mode: native")
    #expect(try ClaimFile.parse(native, path: "c.yaml").claims.first?.path == .native)
    let wrong = text.replacingOccurrences(of: "{format: raw}", with: "{format: vdi}")
    #expect(throws: DefinitionError.self) { try ClaimFile.parse(wrong, path: "c.yaml") }
  }
}
