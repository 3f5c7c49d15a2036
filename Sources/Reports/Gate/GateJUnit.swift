import Results
import Verdicts

/// `junit.xml` of a gate: a case for every comparison, with its figures. What fails the gate is a failure; what is inconclusive is
/// skipped with what it would take to decide.
enum GateJUnit {
  static func render(_ verdict: GateVerdict) -> String {
    let cases = verdict.findings.map { element($0, verdict) }
    return JUnitDocument(
      name: "nearmetal gate", suites: [.init(name: "gate", timestamp: verdict.head.startedAt, cases: cases)]
    ).render()
  }

  private static func element(_ comparison: GateComparison, _ verdict: GateVerdict) -> JUnitDocument.Case {
    let line = GateText.line(comparison)
    let isFailure = comparison.outcome == .regression || verdict.options.failOn.contains(comparison.outcome)
    return JUnitDocument.Case(
      className: "gate.\(comparison.path.machine.rawValue).\(comparison.path.mode.rawValue)",
      name: "\(comparison.workload) \(comparison.metric)",
      outcome: isFailure ? .failed(line) : comparison.outcome == .inconclusive ? .skipped(line) : .passed,
      figures: figures(comparison))
  }

  private static func figures(_ comparison: GateComparison) -> [(name: String, value: String)] {
    let figures: [(String, Double?)] = [
      ("base", comparison.base), ("head", comparison.head), ("ratio", comparison.ratio), ("low", comparison.low),
      ("high", comparison.high), ("regressionProbability", comparison.regressionProbability),
      ("improvementProbability", comparison.improvementProbability), ("difference", comparison.difference),
    ]
    return [("outcome", comparison.outcome.rawValue), ("unit", comparison.unit)]
      + figures.compactMap { name, value in value.map { (name, CSV.number($0)) } }
      + [("baseBlocks", "\(comparison.baseBlocks)"), ("headBlocks", "\(comparison.headBlocks)")]
  }
}
