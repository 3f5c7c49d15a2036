import Foundation
import Results

/// `junit.xml`: a test case for every workload on every machine in every mode, and one for every claim.
///
/// A case fails where a leg failed or a claim does not hold. It is skipped where no leg ran, or where the data cannot decide
/// a claim.
enum JUnitReport {
  private enum Outcome {
    case passed
    case skipped(String)
    case failed(String)
  }

  private struct Case {
    let className: String
    let name: String
    let outcome: Outcome
    /// Seconds that its legs took; nil where that is not known, and for claims, which take none.
    let seconds: Double?
  }

  static func render(_ result: RunResult) -> String {
    let durations = LegDurations(result.legs)
    let legs = LegGroup.all(result.legs).map { group in
      Case(
        className: "legs.\(group.key.path.machine.rawValue).\(group.key.path.mode.rawValue)", name: group.title,
        outcome: outcome(group), seconds: durations.total(group.legs))
    }
    let claims = result.claims.map {
      Case(className: "claims", name: "\($0.id): \($0.text)", outcome: outcome($0), seconds: nil)
    }
    let suites = [("legs", legs), ("claims", claims)].filter { !$0.1.isEmpty }
    let all = legs + claims
    var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    let slowed = result.run.injection.map { ", slowed on purpose by \($0)" } ?? ""
    xml += "<testsuites name=\"\(XMLText.escape(result.run.suite + slowed))\" \(counts(all))>\n"
    for (name, cases) in suites {
      xml += "  <testsuite name=\"\(name)\" \(counts(cases)) timestamp=\"\(XMLText.escape(result.run.startedAt))\">\n"
      xml += cases.map(element).joined()
      xml += "  </testsuite>\n"
    }
    return xml + "</testsuites>\n"
  }

  private static func outcome(_ group: LegGroup) -> Outcome {
    func reasons(_ status: LegStatus) -> [String] {
      group.legs.filter { $0.status == status }.map { "block \($0.block): \($0.reason ?? "")" }
    }
    let failed = reasons(.failed)
    if !failed.isEmpty { return .failed(failed.joined(separator: "\n")) }
    let skipped = reasons(.skipped)
    return skipped.count == group.legs.count ? .skipped(skipped.joined(separator: "\n")) : .passed
  }

  private static func outcome(_ claim: ClaimRecord) -> Outcome {
    let row = ClaimRow(claim)
    let text = "\(row.figures), margin \(row.margin)" + (claim.reason.map { ": \($0)" } ?? "")
    switch claim.verdict {
    case .fail: return .failed(text)
    case .pass where Wording.isSupported(claim): return .passed
    case .pass, .inconclusive: return .skipped("inconclusive: \(text)")
    }
  }

  private static func counts(_ cases: [Case]) -> String {
    let failures = cases.count { if case .failed = $0.outcome { true } else { false } }
    let skipped = cases.count { if case .skipped = $0.outcome { true } else { false } }
    let known = cases.compactMap(\.seconds)
    return "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"0\" skipped=\"\(skipped)\""
      + time(known.isEmpty ? nil : known.reduce(0, +))
  }

  /// Milliseconds are as fine as any reader of these files.
  private static func time(_ seconds: Double?) -> String {
    seconds.map { " time=\"\(String(format: "%.3f", $0))\"" } ?? ""
  }

  private static func element(_ test: Case) -> String {
    let head =
      "    <testcase classname=\"\(XMLText.escape(test.className))\" name=\"\(XMLText.escape(test.name))\""
      + time(test.seconds)
    switch test.outcome {
    case .passed:
      return "\(head)/>\n"
    case .skipped(let reason):
      return "\(head)>\n      <skipped message=\"\(XMLText.escape(reason))\"/>\n    </testcase>\n"
    case .failed(let reason):
      let text = XMLText.escape(reason)
      return "\(head)>\n      <failure message=\"\(text)\">\(text)</failure>\n    </testcase>\n"
    }
  }
}
