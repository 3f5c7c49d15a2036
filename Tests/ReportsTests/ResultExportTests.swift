import Foundation
import Results
import Testing

@testable import Reports

@Suite struct ResultExportTests {
  private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

  /// Samples by their names and labels, as text.
  private static func samples(_ text: String) -> [(name: String, labels: String, value: Double)] {
    lines(text).filter { !$0.hasPrefix("#") }.compactMap { line in
      guard let match = line.wholeMatch(of: /([a-z_]+)(\{.*\}) ([^ ]+)/), let value = Double(match.3) else {
        return nil
      }
      return (String(match.1), String(match.2), value)
    }
  }

  @Test func everyLineIsASampleOfAFamilyThatWasDescribedAndNoneIsThereTwice() {
    let text = ResultExport([MadeUp.result(texts: MadeUp.hostile)]).openMetrics
    let plain = Self.lines(text).filter { !$0.hasPrefix("#") }
    let samples = Self.samples(text)
    #expect(samples.count == plain.count && samples.count > 20)
    #expect(Set(samples.map { $0.name + $0.labels }).count == samples.count)
    var described: Set<String> = []
    for line in Self.lines(text) {
      if let match = line.wholeMatch(of: /# TYPE ([a-z_]+) (?:gauge|histogram)/) {
        #expect(described.insert(String(match.1)).inserted, "a family is in one place")
      } else if !line.hasPrefix("#") {
        let name = line.prefix { $0 != "{" }.replacing(/_(bucket|sum|count)$/, with: "")
        #expect(described.contains(String(name)), "\(line)")
      }
    }
    #expect(text.hasSuffix("# EOF\n"))
  }

  @Test func figuresAreInBaseUnits() throws {
    let samples = Self.samples(ResultExport([MadeUp.result()]).openMetrics)
    let cost = try #require(
      samples.first { $0.name == "nearmetal_duration_seconds" && $0.labels.contains("exits.cpuid") })
    #expect(cost.value > 4.2e-6 && cost.value < 4.21e-6)
    #expect(
      cost.labels.contains(#"metric="cost""#) && cost.labels.contains(#"mode="guest""#)
        && cost.labels.contains(#"workload="exits.cpuid""#))
    let rates = samples.filter { $0.name == "nearmetal_rate_per_second" && $0.labels.contains("native") }
    #expect(rates.count == 1 && rates[0].value > 40_000 && rates[0].value < 50_000)
    let ratio = try #require(samples.first { $0.name == "nearmetal_ratio" && $0.labels.contains("polled") })
    #expect(abs(ratio.value - 0.96) < 0.01)
    let legs = samples.filter { $0.name == "nearmetal_legs" }
    #expect(legs.count == 3 && legs.allSatisfy { $0.value >= 0 })
  }

  /// Or a monitoring system would have no course of anything.
  @Test func theNextRunHasTheSameSeries() {
    var next = MadeUp.result()
    (next.run.id, next.run.startedAt) = ("another", "2027-01-01T00:00:00Z")
    func series(_ result: RunResult) -> Set<String> {
      Set(Self.samples(ResultExport([result]).openMetrics).map { $0.name + $0.labels })
    }
    let changed = series(next).subtracting(series(MadeUp.result()))
    #expect(changed.count == 1 && changed.first?.hasPrefix("nearmetal_run_info{") == true)
  }

  @Test func timesAreACumulativeHistogramOfAllLegs() throws {
    let samples = Self.samples(ResultExport([MadeUp.result(blocks: 6)]).openMetrics)
    let own = samples.filter { $0.name.hasPrefix("nearmetal_operation_seconds") && $0.labels.contains("native") }
    let buckets = own.filter { $0.name.hasSuffix("_bucket") }.map(\.value)
    #expect(buckets.count > 20 && buckets == buckets.sorted())
    let count = try #require(own.first { $0.name.hasSuffix("_count") })
    #expect(count.value == 6 * 5040 && buckets.last == count.value)
    let sum = try #require(own.first { $0.name.hasSuffix("_sum") })
    // About 25 µs each.
    #expect(sum.value > 0.3 && sum.value < 1.5)
  }

  @Test func ofAHostAndASuiteTheLastIsTaken() {
    var (old, new, other) = (MadeUp.result(), MadeUp.result(), MadeUp.result())
    (old.run.startedAt, old.run.id) = ("2026-01-01T00:00:00Z", "a")
    (new.run.startedAt, new.run.id) = ("2026-02-01T00:00:00Z", "b")
    other.host.fingerprint = "another"
    let latest = ResultExport.latest([new, old, other])
    #expect(latest.others == 1 && Set(latest.results.map(\.run.id)) == ["b", other.run.id])
    let export = ResultExport(latest.results)
    #expect(export.table.rows.count == export.samples.count)
    #expect(export.table.header.first == "family" && export.table.header.last == "value")
  }

  private static let promtool = ["/usr/bin", "/usr/local/bin"].map { "\($0)/promtool" }.first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(.enabled(if: promtool != nil, "promtool (of Debian's prometheus) is absent"))
  func prometheusFindsNothingWrong() throws {
    let process = Process()
    process.executableURL = URL(filePath: try #require(Self.promtool))
    process.arguments = ["check", "metrics"]
    let (input, output) = (Pipe(), Pipe())
    (process.standardInput, process.standardOutput, process.standardError) = (input, output, output)
    try process.run()
    input.fileHandleForWriting.write(Data(ResultExport([MadeUp.result(texts: MadeUp.hostile)]).openMetrics.utf8))
    try input.fileHandleForWriting.close()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(said)")
  }

  /// A panel that asks for a family or a label that is not exported shows nothing, and nobody knows why.
  @Test func theDashboardAsksForWhatIsExported() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appendingPathComponent("ci/examples/grafana.json"), encoding: .utf8)
    _ = try JSONSerialization.jsonObject(with: Data(text.utf8))
    let families = Set(ExportedFamily.allCases.map(\.rawValue))
    let asked = Set(text.matches(of: /nearmetal_[a-z_]+/).map { String($0.output) })
    #expect(asked.count >= 5 && asked.isSubset(of: families))
    let labels: Set = ["suite", "host", "verdict", "claim", "reference", "workload", "parameters", "mode", "metric"]
    #expect(Set(text.matches(of: /([a-z]+)=~?\\\"/).map { String($0.output.1) }).isSubset(of: labels))
  }
}
