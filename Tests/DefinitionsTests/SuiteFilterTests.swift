import Results
import Testing

@testable import Definitions

@Suite("Filters of suites")
struct SuiteFilterTests {
  private static let text = """
    name: s
    against: {format: raw}
    workloads:
      - cpu.integer
      - boot
      - {id: block.randread, parameters: {qd: 1, format: raw}}
      - {id: block.randread, parameters: {qd: 1, format: qcow2}}
      - {id: block.randread, parameters: {qd: 32}}
    """

  private func left(_ filter: SuiteFilter) throws -> [String] {
    var suite = try SuiteReader.parse(Self.text, path: "s.yaml")
    try filter.apply(to: &suite)
    return suite.entries.map(\.workload.description)
  }

  @Test("Patterns fit an id, or it with its parameters")
  func patterns() throws {
    #expect(try left(SuiteFilter()).count == 5)
    #expect(try left(SuiteFilter(only: ["block.*"])).count == 3)
    #expect(try left(SuiteFilter(only: ["*qd=32*"])) == ["block.randread qd=32"])
    #expect(try left(SuiteFilter(only: ["boot", "cpu.?nteger"])) == ["cpu.integer", "boot"])
    #expect(try left(SuiteFilter(skip: ["block.*", "boot"])) == ["cpu.integer"])
    #expect(try left(SuiteFilter(skip: ["*qcow2*"], tags: ["block"])).count == 2)
    #expect(try left(SuiteFilter(tags: ["compute", "boot"])) == ["cpu.integer", "boot"])
  }

  @Test("A suite of which nothing is left is refused, with what may have been meant")
  func nothing() {
    #expect(throws: DefinitionError.self) { try left(SuiteFilter(only: ["net.*"])) }
    do { _ = try left(SuiteFilter(only: ["cpu.intege"])) } catch {
      #expect("\(error)".hasSuffix("; did you mean cpu.integer?"), "\(error)")
    }
  }

  @Test("What variants are held against goes with the last of them")
  func variants() throws {
    var suite = try SuiteReader.parse(Self.text, path: "s.yaml")
    try SuiteFilter(only: ["block.*"]).apply(to: &suite)
    #expect(suite.against == ["format": "raw"])
    try SuiteFilter(skip: ["*qcow2*"]).apply(to: &suite)
    #expect(suite.against.isEmpty)
  }

  @Test("Stars are anything, also nothing; the time is no more than the product of the lengths")
  func stars() {
    #expect(SuiteFilter.fits("abc", "*") && SuiteFilter.fits("", "*") && SuiteFilter.fits("abc", "a*c*"))
    #expect(!SuiteFilter.fits("abc", "a*d") && !SuiteFilter.fits("abc", "ab") && !SuiteFilter.fits("", "?"))
    let long = String(repeating: "a", count: 2000)
    #expect(!SuiteFilter.fits(long, String(repeating: "*a", count: 200) + "b"))
  }
}
