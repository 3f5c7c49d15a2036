import Definitions
import Results
import Verdicts

extension RunResult {
  /// Compares the legs and decides the claims that speak of them. A debug build's figures are about the build: they are kept,
  /// but not compared.
  mutating func conclude(claims: [Claim]) {
    guard run.buildConfiguration == .release else { return }
    let builder = ComparisonBuilder(run)
    let set = builder.build(legs)
    let checks = builder.checks(legs)
    run.method?.checks = checks
    run.method?.pool = builder.pool(checks)
    run.method?.carryOver = builder.carryOver(legs)
    comparisons = set.comparisons
    summaries = set.summaries
    variants = run.against.map { builder.variants(legs, against: $0) }
    if let kind = run.injection?.kind { flagInjected { kind.reaches($0, on: $1) } }
    self.claims = ClaimJudge.decide(ClaimJudge.applicable(claims, to: self), self)
  }
}
