import Definitions
import Results
import Verdicts

/// What a qualification has to go by once its steps have ended.
public struct QualificationEvidence: Sendable {
  public var profile: Profile
  public var host: HostEvidence
  /// By id; a check that was not run is absent.
  public var checks: [String: CheckRecord]
  /// The run of the profile's suite; nil where it has none, or was not run to its end.
  public var result: RunResult?
  /// Steps during which the host or the program went down, with what is known of it.
  public var crashes: [String: String]
  /// Steps that could not be begun, with the reason.
  public var refusals: [String: String]

  public init(
    profile: Profile, host: HostEvidence, checks: [String: CheckRecord] = [:], result: RunResult? = nil,
    crashes: [String: String] = [:], refusals: [String: String] = [:]
  ) {
    self.profile = profile
    self.host = host
    self.checks = checks
    self.result = result
    self.crashes = crashes
    self.refusals = refusals
  }
}

/// From evidence to outcomes. Reads no file and asks no host, so that whoever has the evidence can decide again.
public enum QualificationJudge {
  /// The step that measures the profile's suite.
  public static let performanceStep = "performance"

  /// In the profile's order: the host, the checks, the claims.
  public static func decide(_ evidence: QualificationEvidence) -> [RequirementRecord] {
    evidence.profile.host.map { HostJudge.decide($0, evidence.host) }
      + evidence.profile.checks.map { decide($0, evidence) } + claims(evidence)
  }

  private static func decide(_ check: FunctionalCheck, _ evidence: QualificationEvidence) -> RequirementRecord {
    let finding = stopped(check.id, evidence) ?? evidence.checks[check.id]?.finding ?? (.undecided, "it was not run")
    return RequirementRecord(
      id: check.id, kind: .check, text: check.text, requirement: check.requirement, outcome: finding.outcome,
      reason: finding.reason)
  }

  private static func stopped(_ step: String, _ evidence: QualificationEvidence) -> (outcome: Outcome, reason: String)?
  {
    if let reason = evidence.crashes[step] { return (.crash, reason) }
    return evidence.refusals[step].map { (.notSupported, $0) }
  }

  private static func claims(_ evidence: QualificationEvidence) -> [RequirementRecord] {
    let claims = evidence.profile.claims
    let isDebug = evidence.result.map { $0.run.buildConfiguration == .debug } ?? false
    let records = evidence.result.map { ClaimJudge.decide(claims, $0) } ?? []
    return claims.indices.map { index in
      let claim = claims[index]
      var finding: (outcome: Outcome, reason: String) = (.undecided, "it was not measured")
      if let stopped = stopped(performanceStep, evidence) {
        finding = stopped
      } else if isDebug {
        finding = (.undecided, "measured by a debug build, whose figures are about the build")
      } else if let result = evidence.result {
        finding = Self.finding(records[index], claim, result)
      }
      return RequirementRecord(
        id: claim.id, kind: .claim, text: claim.text, requirement: claim.requirement, outcome: finding.outcome,
        reason: finding.reason)
    }
  }

  private static func finding(
    _ record: ClaimRecord, _ claim: Claim, _ result: RunResult
  ) -> (outcome: Outcome, reason: String) {
    switch record.verdict {
    case .pass: return (.pass, figures(record))
    case .fail: return (.fail, record.reason ?? figures(record))
    case .inconclusive:
      let legs = result.legs.filter { leg in
        leg.path == claim.path && claim.workload.covers(leg.workload)
      }
      if let first = legs.first, legs.allSatisfy({ $0.status == .skipped }) { return (.skip, first.reason ?? "") }
      if let first = legs.first(where: { $0.status == .failed }), legs.allSatisfy({ $0.status != .ok }) {
        return (.fail, first.reason ?? "")
      }
      let more = record.blocksToDecide.map { "; \($0) blocks would probably decide it" } ?? ""
      return (.undecided, (record.reason ?? figures(record)) + more)
    }
  }

  /// "0.957 [0.906, 1.010] of native, at least 0.95 required".
  private static func figures(_ record: ClaimRecord) -> String {
    if record.test == .runs { return "it ran and verified its data" }
    guard let ratio = record.ratio, let low = record.low, let high = record.high else { return "no figures" }
    if record.test == .count {
      return "\(round(ratio)) [\(round(low)), \(round(high))] for one operation; at most \(record.margin) required"
    }
    let reference = (record.reference ?? .native).description
    return "\(round(ratio)) [\(round(low)), \(round(high))] of \(reference); \(record.margin) required"
  }

  private static func round(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}
