import Foundation
import History
import Reports
import Results
import Testing

/// What a report says about how far its figures may be trusted.
@Suite("Trust")
struct TrustTests {
  private func calibration(_ result: RunResult) -> CalibrationRecord {
    CalibrationRecord(
      calibratedAt: "2026-11-20T08:00:00Z", fingerprint: result.host.fingerprint, suite: "quick", tool: result.run.tool,
      blocks: 6, falseAlarms: RateRecord(count: 2, trials: 100, low: 0.0024, high: 0.0704, level: 0.95),
      gateAlarms: RateRecord(count: 0, trials: 0, low: nil, high: nil, level: 0.95),
      metrics: [
        MetricNoiseRecord(
          workload: Workload("block.randread", ["bs": "4KiB", "qd": "1"]), metric: "iops",
          path: Path(.nearmetal, .polled), pairs: 10, noiseFloor: 0.021, minimumDetectableEffect: 0.043,
          blocksForFivePercent: 8,
          variance: nil, iterations: nil)
      ])
  }

  @Test("The measured false alarms stand in the report, and the noise floor beside the ratio and the claim it is of")
  func calibrated() throws {
    var result = MadeUp.result()
    result.calibration = calibration(result)
    let html = try MadeUp.file("report.html", result)
    #expect(html.contains("2 of 100 (2 %)") && html.contains("[0.24, 7] % at 95 %"))
    #expect(html.contains("not tried"))
    // The claim, the forest plot's row and the workload's row.
    #expect(html.components(separatedBy: "noise floor 2.1 %, sees 4.3 %").count == 4)
  }

  @Test("A host that was never calibrated is said to be none, with the command that does it")
  func uncalibrated() throws {
    let html = try MadeUp.file("report.html", MadeUp.result())
    #expect(html.contains("No calibration of this host was stored") && html.contains("nearmetal calibrate"))
  }

  @Test(
    "A counter that failed the audit is marked wherever it stands, and warned of; one that was scaled is marked too")
  func audited() throws {
    var result = MadeUp.result()
    for leg in result.legs.indices where result.legs[leg].path.mode == .polled {
      var wrong = CounterRecord(name: "instructions", domain: .guest, value: 5_040_000, status: .counted)
      wrong.trust = .untrusted
      result.legs[leg].counters = [
        wrong, CounterRecord(name: "cycles", domain: .guest, value: 10_080_000, status: .multiplexed),
        CounterRecord(name: "dtlb", domain: .guest, value: nil, status: .unavailable, reason: "no PMU"),
      ]
    }
    result.audit = AuditRecord(
      checks: [
        AuditCheck(
          counter: "instructions", domain: .guest, work: "a loop", known: 1000, counted: 1003, verdict: .disagrees)
      ],
      unavailable: [UnavailableCounters(names: ["dtlb"], reason: "no PMU", remedy: "Enable it.")])
    let html = try MadeUp.file("report.html", result)
    #expect(html.contains("Counters that this host counts wrongly"))
    // 5040 operations a leg: see MadeUp.latency.
    #expect(html.contains("<td class=\"number\">✗ 1\u{202f}000</td>"))
    #expect(html.contains("<td class=\"number\">≈ 2\u{202f}000</td>"))
    #expect(html.contains("<td class=\"number\">unavailable</td>"))
    #expect(html.contains("<td class=\"untrusted\">untrusted</td>"))
    #expect(TerminalReport.render(result, TerminalOptions(showsAll: true)).contains("counts wrongly"))
  }

  @Test("A leg that was repeated stays in the data with its reason, and out of the plots")
  func repeated() throws {
    var result = MadeUp.result()
    let index = try #require(result.legs.firstIndex { $0.path.mode == .polled && !$0.validity.isEmpty })
    var again = result.legs[index]
    (again.id, again.attempt, again.validity) = (again.id + "/2", 2, [])
    result.legs.append(again)
    let html = try MadeUp.file("report.html", result)
    #expect(html.contains("<td class=\"repeated\">repeated</td>"))
    #expect(html.contains("Repeated after a disturbance: 1 of 61 legs."))
    #expect(!html.contains(", disturbed</title>"))
    #expect(try MadeUp.file("samples.csv", result).contains(",2\r\n"))
  }

  @Test(
    "A report with history shows the runs and where they changed, and is made again byte for byte from its directory")
  func history() throws {
    let folder = NSTemporaryDirectory() + "nearmetal-history-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let result = MadeUp.result()
    try ResultStore.write(result, to: folder)
    let points = (0..<20).map { run in
      HistoryPoint(
        run: "r\(run)", startedAt: "2026-11-\(run + 1 < 10 ? "0" : "")\(run + 1)T00:00:00Z", revision: "rev\(run)",
        value: (run < 10 ? 0.96 : 0.8) * (1 + 0.001 * Double(run % 3)), low: nil, high: nil, blocks: 5)
    }
    func series(_ host: String, _ metric: String) -> HistorySeries {
      HistorySeries(
        host: host, workload: Workload("block.randread", ["bs": "4KiB", "qd": "1"]), metric: metric, unit: "IOPS",
        direction: .higher, path: Path(.nearmetal, .polled), reference: .native, points: points)
    }
    try HistoryFile.write(
      [series("f00d", "iops"), series("other", "iops"), series("f00d", "latency.p50")], of: result, to: folder)
    #expect(try HistoryFile.read(folder).map(\.metric) == ["iops"])
    try ReportWriter.writeAll(result, to: folder)
    #expect(try ReportWriter.check(folder) == [])
    let html = try String(contentsOfFile: folder + "/report.html", encoding: .utf8)
    #expect(html.contains("between revisions rev9 and rev10"))
    #expect(html.components(separatedBy: "class=\"change\"").count == 2)
    try "[{".write(toFile: folder + "/history.json", atomically: true, encoding: .utf8)
    #expect(throws: ReportError.self) { try ReportWriter.check(folder) }
  }

  @Test("result.json that is not as its own values are written is said to differ")
  func canonicalResult() throws {
    let folder = NSTemporaryDirectory() + "nearmetal-canonical-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let result = MadeUp.result()
    try ResultStore.write(result, to: folder)
    try ReportWriter.writeAll(result, to: folder)
    let path = URL(fileURLWithPath: folder + "/result.json")
    try (Data(contentsOf: path) + Data("\n".utf8)).write(to: path)
    #expect(try ReportWriter.check(folder) == ["result.json"])
  }
}
