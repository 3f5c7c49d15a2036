import Results

/// `junit.xml`: a test case for every workload on every machine in every mode, and one for every claim.
///
/// A case fails where a leg failed or a claim does not hold. It is skipped where no leg ran, or where the data cannot decide
/// a claim.
enum JUnitReport {
  static func render(_ result: RunResult) -> String {
    let durations = LegDurations(result.legs)
    let legs = LegGroup.all(result.legs).map { group in
      JUnitDocument.Case(
        className: "legs.\(group.key.path.machine.rawValue).\(group.key.path.mode.rawValue)", name: group.title,
        outcome: outcome(group), seconds: durations.total(group.legs))
    }
    let claims = result.claims.map {
      JUnitDocument.Case(className: "claims", name: "\($0.id): \($0.text)", outcome: outcome($0))
    }
    let slowed = result.run.injection.map { ", slowed on purpose by \($0)" } ?? ""
    let suites = [("legs", legs), ("claims", claims)].filter { !$0.1.isEmpty }.map { name, cases in
      JUnitDocument.Suite(name: name, timestamp: result.run.startedAt, cases: cases)
    }
    return JUnitDocument(name: result.run.suite + slowed, suites: suites).render()
  }

  private static func outcome(_ group: LegGroup) -> JUnitDocument.Case.Outcome {
    func reasons(_ status: LegStatus) -> [String] {
      group.legs.filter { $0.status == status }.map { "block \($0.block): \($0.reason ?? "")" }
    }
    let failed = reasons(.failed)
    if !failed.isEmpty { return .failed(failed.joined(separator: "\n")) }
    let skipped = reasons(.skipped)
    return skipped.count == group.legs.count ? .skipped(skipped.joined(separator: "\n")) : .passed
  }

  private static func outcome(_ claim: ClaimRecord) -> JUnitDocument.Case.Outcome {
    let row = ClaimRow(claim)
    let text = "\(row.figures), margin \(row.margin)" + (claim.reason.map { ": \($0)" } ?? "")
    switch claim.verdict {
    case .fail: return .failed(text)
    case .pass where Wording.isSupported(claim): return .passed
    case .pass, .inconclusive: return .skipped("inconclusive: \(text)")
    }
  }
}
