import Results

/// The claim that is shown beside a ratio: the strictest that speaks of it.
struct ClaimLookup {
  private let result: RunResult

  init(_ result: RunResult) {
    self.result = result
  }

  func callAsFunction(_ comparison: ComparisonRecord) -> ClaimRecord? {
    result.claims.isEmpty ? nil : Wording.strictestClaim(on: comparison, in: result)
  }
}
