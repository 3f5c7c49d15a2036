import Definitions
import Foundation
import History
import Reports
import Results
import Verdicts

/// Everything that reads a `result.json`, which may be a stranger's: whatever its bytes are, it is refused or rendered.
enum ResultConsumers {
  static func isRead(_ bytes: [UInt8]) -> Bool {
    (try? ResultStore.decode(bytes, path: "result.json")) != nil
  }

  static func consume(_ bytes: [UInt8]) {
    guard let result = try? ResultStore.decode(bytes, path: "result.json") else { return }
    _ = try? ResultStore.encode(result)
    _ = try? ReportWriter.render(result)
    _ = TerminalReport.render(result)
    if let audit = result.audit { _ = AuditTable.render(audit) }
    _ = AttributionText.render(Attribution.explain(result))
    let set = ComparisonBuilder(level: result.run.level, plannedBlocks: result.run.blocks).build(result.legs)
    judge(result)
    compare(result, set)
  }

  private static func judge(_ result: RunResult) {
    guard let files = try? ClaimFile.shipped() else { return }
    let claims = files.flatMap(\.claims)
    _ = ClaimText.render(ClaimJudge.decide(ClaimJudge.applicable(claims, to: result), result))
    _ = ClaimJudge.needsExtension(claims, result)
  }

  private static func compare(_ result: RunResult, _ set: ComparisonSet) {
    let comparison = RunComparison([("a", result), ("b", result)])
    _ = try? ComparisonPage.render(comparison)
    _ = ComparisonText.render(comparison, TerminalOptions(showsAll: true))
    let options = GateOptions(alpha: 0.4, metrics: ["all"])
    if let verdict = try? Gate.decide(base: result, head: result, options) {
      _ = try? GateReport.files(verdict)
      _ = GateReport.text(verdict)
      for format in GateAnnotations.allCases { _ = try? format.render(verdict) }
    }
    remember(result, set)
  }

  /// The history of one run, in a database of its own.
  private static func remember(_ result: RunResult, _ set: ComparisonSet) {
    let path = NSTemporaryDirectory() + "nearmetal-fuzz-\(UUID().uuidString).sqlite"
    defer { try? FileManager.default.removeItem(atPath: path) }
    guard let store = try? HistoryStore(path: path, creating: true) else { return }
    _ = try? store.add([result])
    guard var series = try? store.series() else { return }
    for index in series.indices { series[index].detectChanges(minimumSegment: 2) }
    _ = try? ReportWriter.render(result, history: series)
  }
}
