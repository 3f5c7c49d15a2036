import Foundation
import Results
import TestSupport
import Testing
import Verdicts

@testable import Reports

@Suite("Reports of a gate")
struct GateReportTests {
  /// Blocks that scatter by about 1 %.
  static let wobble = [0.99, 1.005, 1.0, 1.012, 0.996, 0.988, 1.003, 1.01, 0.995, 1.001]

  /// Workloads by name with head's speed as a share of base's.
  func verdict(_ speeds: [(String, Double)], margin: Double = 0.05) throws -> GateVerdict {
    func run(_ id: String, _ speed: (Double) -> Double, _ noise: [Double]) -> RunResult {
      var result = MadeUp.result(blocks: 10, margin: nil)
      result.legs = speeds.flatMap { name, share in
        noise.enumerated().map { block, factor in
          MadeUp.leg(
            block, .nearmetal, .polled, name, [:],
            [MadeUp.metric("iops", "IOPS", .higher, 40_000 * factor * speed(share))])
        }
      }
      (result.run.id, result.run.interleaving) = (id, "i")
      return result
    }
    let base = run("base", { _ in 1 }, Self.wobble)
    return try Gate.decide(base: base, head: run("head", { $0 }, Self.wobble.reversed()), GateOptions(margin: margin))
  }

  @Test("The summary names the worst workload first and says what the figures mean")
  func summary() throws {
    let text = GateSummary.render(try verdict([("block.a", 1), ("block.b", 0.9), ("block.c", 0.8)]))
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| regression") || $0.hasPrefix("| unchanged") }
    #expect(
      rows.count == 3 && rows[0].contains("block.c") && rows[1].contains("block.b") && rows[2].contains("block.a"))
    #expect(text.hasPrefix("## NearMetal gate: fail\n") && text.contains("2 regressions, 1 unchanged"))
  }

  @Test("A summary that would be too long is cut after the worst, with a count")
  func truncated() throws {
    let verdict = try verdict((0..<200).map { ("block.w\(1000 + $0)", $0 == 150 ? 0.8 : 1) })
    let text = GateSummary.render(verdict, limit: 4096)
    #expect(text.utf8.count < 4096 && text.contains("block.w1150"))
    let shown = text.split(separator: "\n").count { $0.contains("block.w") }
    #expect(text.contains("\(200 - shown) of 200 comparisons did not fit"))
  }

  @Test(
    "JUnit: a regression is a failure, an inconclusive comparison is skipped, figures are its output",
    .enabled(if: Python.debian.has("xml.etree"), "python3 is not here"))
  func junit() throws {
    let verdict = try verdict([("block.a", 1), ("block.b", 0.9), ("block.c", 0.985)], margin: 0.02)
    #expect(verdict.comparisons.map(\.outcome) == [.regression, .inconclusive, .unchanged])
    let xml = GateJUnit.render(verdict)
    let (elements, output) = try elements(of: xml)
    #expect(elements["testcase"] == 3 && elements["failure"] == verdict.count(.regression))
    #expect(elements["skipped"] ?? 0 == verdict.count(.inconclusive))
    #expect(output.isSuperset(of: ["base", "head", "ratio", "low", "high", "outcome", "regressionProbability"]))
    if JUnitSchema.isHere { #expect(try JUnitSchema.problems(xml) == "") }
  }

  @Test(
    "What a failed leg said cannot break out of any format",
    .enabled(if: Python.debian.has("xml.etree"), "python3 is not here"))
  func hostile() throws {
    let verdict = try Gate.decide(
      base: hostileRun(.ok), head: hostileRun(.failed), GateOptions(metrics: ["iops"]))
    let junit = GateJUnit.render(verdict)
    #expect(try elements(of: junit).count["failure"] == verdict.count(.regression) && !junit.contains("<script>"))
    #expect(!GateSummary.render(verdict).contains("<script>"))
    let commands = try GateAnnotations.github.render(verdict)
    #expect(
      commands.split(separator: "\n").allSatisfy { $0.hasPrefix("::error title=") || $0.hasPrefix("::warning title=") })
    let issues = try #require(
      try JSONSerialization.jsonObject(with: Data(GateAnnotations.gitlab.render(verdict).utf8)) as? [[String: Any]])
    #expect(issues.count == verdict.count(.regression) + verdict.count(.inconclusive) && verdict.count(.regression) > 0)
  }

  /// Two workloads; the second one's legs end as told.
  private func hostileRun(_ status: LegStatus) -> RunResult {
    var result = MadeUp.result(blocks: 10, margin: nil)
    result.run.interleaving = "i"
    for index in result.legs.indices where status == .failed && result.legs[index].path.mode == .polled {
      (result.legs[index].status, result.legs[index].reason, result.legs[index].metrics) = (.failed, MadeUp.hostile, [])
    }
    return result
  }

  @Test("GitLab's entries have the fields that it asks for, and keep their fingerprint from run to run")
  func gitlab() throws {
    func issues() throws -> [[String: Any]] {
      let text = try GateAnnotations.gitlab.render(verdict([("block.a", 0.8)]))
      return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    }
    let issue = try #require(try issues().first)
    #expect(Set(issue.keys) == ["description", "check_name", "fingerprint", "severity", "location"])
    #expect(issue["severity"] as? String == "major")
    #expect(try issues().first?["fingerprint"] as? String == issue["fingerprint"] as? String)
  }

  @Test("gate.json reads back to the same verdict")
  func json() throws {
    let verdict = try verdict([("block.a", 0.8), ("block.b", 1.2)])
    #expect(try JSONDecoder().decode(GateVerdict.self, from: Data(try GateReport.json(verdict))) == verdict)
  }

  /// What an independent parser finds in a document: how often each element, and the properties by name.
  private func elements(of xml: String) throws -> (count: [String: Int], output: Set<String>) {
    let path = NSTemporaryDirectory() + "nearmetal-gate-\(UUID().uuidString).xml"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try xml.write(toFile: path, atomically: true, encoding: .utf8)
    let lines = try Python.debian.run(
      """
      import sys, xml.etree.ElementTree as tree
      for element in tree.parse(sys.argv[1]).iter():
          for line in element.text.splitlines() if element.tag == 'system-out' else ['']:
              print(element.tag, line.split(':')[0])
      """, path)
    let words = lines.map { $0.split(separator: " ").map(String.init) }
    let count = Dictionary(words.map { ($0[0], 1) }, uniquingKeysWith: +)
    return (count, Set(words.filter { $0[0] == "system-out" }.map { $0[1] }))
  }
}
