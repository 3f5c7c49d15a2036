import Foundation
import Reports
import Results
import SwiftCSV
import TestSupport
import Testing

/// The tables, read by implementations that are not ours, against the result that they were made from.
@Suite("CSV read back")
struct CSVReadBackTests {
  private func rows(_ name: String, _ result: RunResult) throws -> [[String: String]] {
    try CSV<Named>(string: try MadeUp.file(name, result)).rows
  }

  @Test("SwiftCSV finds every metric of every leg in samples.csv, to the last digit")
  func samples() throws {
    let result = MadeUp.result(texts: "a \"quoted\", text\r\nof two lines")
    var rows = try rows("samples.csv", result)[...]
    for leg in result.legs {
      for metric in leg.metrics.isEmpty ? [nil] : leg.metrics.map(Optional.some) {
        let next = rows.popFirst()
        let row = try #require(next)
        #expect(row["leg"] == leg.id)
        #expect(row["block"] == String(leg.block))
        #expect(row["machine"] == leg.path.machine.rawValue && row["mode"] == leg.path.mode.rawValue)
        #expect(row["workload"] == leg.workload.id)
        #expect(row["metric"] == metric?.name ?? "")
        #expect(row["value"].flatMap(Double.init) == metric?.value)
        #expect(row["reason"] == leg.reason ?? "")
        #expect(row["started_at_seconds"].flatMap(Double.init) == leg.startedAt)
      }
    }
    #expect(rows.isEmpty)
  }

  @Test("SwiftCSV finds every comparison and summary in summary.csv, and every fact in environment.csv")
  func summaryAndEnvironment() throws {
    let result = MadeUp.result(texts: "x,y;\"z\"")
    let rows = try rows("summary.csv", result)
    #expect(rows.count == result.comparisons.count + result.summaries.count)
    for (row, comparison) in zip(rows, result.comparisons) {
      #expect(row["kind"] == "comparison" && row["metric"] == comparison.metric)
      #expect(row["ratio"].flatMap(Double.init) == comparison.ratio)
      #expect(row["low"].flatMap(Double.init) == comparison.low)
      #expect(row["high"].flatMap(Double.init) == comparison.high)
      #expect(row["reference_value"].flatMap(Double.init) == comparison.referenceValue)
    }
    for (row, summary) in zip(rows.dropFirst(result.comparisons.count), result.summaries) {
      #expect(row["kind"] == "summary" && row["value"].flatMap(Double.init) == summary.mean)
    }
    let facts = try self.rows("environment.csv", result)
    #expect(facts.contains { $0["name"] == "fingerprint" && $0["value"] == "f00d" && $0["meaning"] == "incomparable" })
    #expect(facts.contains { $0["section"] == "missing" && $0["why_missing"] == "x,y;\"z\"" })
  }

  @Test(
    "pandas reads samples.csv and summary.csv as result.json has them",
    .enabled(if: Python.debian.has("pandas"), "python3-pandas is absent (ci/packages.txt has it)"))
  func pandas() throws {
    let folder = NSTemporaryDirectory() + "nearmetal-pandas-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let result = MadeUp.result(texts: "a \"quoted\", text\r\nof two lines")
    try ResultStore.write(result, to: folder)
    try ReportWriter.writeAll(result, to: folder)
    let lines = try Python.debian.run(
      """
      import json, pandas, sys
      read = lambda name: pandas.read_csv(sys.argv[1] + '/' + name, float_precision='round_trip', keep_default_na=False,
          na_values={c: [''] for c in ('value', 'ratio', 'low', 'high', 'reference_value', 'margin')})
      result = json.load(open(sys.argv[1] + '/result.json'))
      samples = read('samples.csv')
      expected = [(l['id'], l['block'], m.get('name', ''), m.get('value'), l.get('reason', ''), l['startedAt'])
          for l in result['legs'] for m in (l['metrics'] or [{}])]
      found = [(r.leg, r.block, r.metric, None if pandas.isna(r.value) else r.value, r.reason, r.started_at_seconds)
          for r in samples.itertuples()]
      print(len(found), found == expected)
      summary = read('summary.csv')
      ratios = summary[summary.kind == 'comparison']
      print(list(ratios.ratio) == [c['ratio'] for c in result['comparisons']],
          list(ratios.low) == [c['low'] for c in result['comparisons']],
          list(summary[summary.kind == 'summary'].value) == [s['mean'] for s in result['summaries']])
      """, folder)
    #expect(lines == ["\(result.legs.reduce(0) { $0 + max(1, $1.metrics.count) }) True", "True True True"])
  }
}
