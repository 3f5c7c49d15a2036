import Results
import Verdicts

/// `junit.xml` of a gate: a case for every comparison, its figures as properties. What fails the gate is a failure; what is
/// inconclusive is skipped with what it would take to decide.
enum GateJUnit {
  static func render(_ verdict: GateVerdict) -> String {
    let failures = verdict.findings.count { isFailure($0, verdict) }
    let skipped = verdict.findings.count { isSkipped($0, verdict) }
    let counts = "tests=\"\(verdict.findings.count)\" failures=\"\(failures)\" errors=\"0\" skipped=\"\(skipped)\""
    var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"nearmetal gate\" \(counts)>\n"
    xml += "  <testsuite name=\"gate\" \(counts) timestamp=\"\(XMLText.escape(verdict.head.startedAt))\">\n"
    xml += verdict.findings.map { element($0, verdict) }.joined()
    return xml + "  </testsuite>\n</testsuites>\n"
  }

  private static func isFailure(_ comparison: GateComparison, _ verdict: GateVerdict) -> Bool {
    comparison.outcome == .regression || verdict.options.failOn.contains(comparison.outcome)
  }

  private static func isSkipped(_ comparison: GateComparison, _ verdict: GateVerdict) -> Bool {
    comparison.outcome == .inconclusive && !isFailure(comparison, verdict)
  }

  private static func element(_ comparison: GateComparison, _ verdict: GateVerdict) -> String {
    let place = "\(comparison.path.machine.rawValue).\(comparison.path.mode.rawValue)"
    let name = "\(comparison.workload) \(comparison.metric)"
    var xml = "    <testcase classname=\"gate.\(place)\" name=\"\(XMLText.escape(name))\">\n      <properties>\n"
    for (name, value) in properties(comparison) {
      xml += "        <property name=\"\(name)\" value=\"\(XMLText.escape(value))\"/>\n"
    }
    xml += "      </properties>\n"
    let text = XMLText.escape(GateText.line(comparison))
    if isFailure(comparison, verdict) {
      xml += "      <failure message=\"\(text)\">\(text)</failure>\n"
    } else if isSkipped(comparison, verdict) {
      xml += "      <skipped message=\"\(text)\"/>\n"
    }
    return xml + "    </testcase>\n"
  }

  private static func properties(_ comparison: GateComparison) -> [(name: String, value: String)] {
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
