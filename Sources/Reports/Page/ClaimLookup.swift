import Results

/// What is shown beside a ratio: the strictest claim that speaks of it, and how noisy it is.
struct ClaimLookup {
  private let result: RunResult

  init(_ result: RunResult) {
    self.result = result
  }

  func callAsFunction(_ comparison: ComparisonRecord) -> ClaimRecord? {
    result.claims.isEmpty ? nil : Wording.strictestClaim(on: comparison, in: result)
  }

  /// Empty where no calibration tells.
  func noise(of comparison: ComparisonRecord) -> String {
    CalibrationView.noise(of: comparison, in: result)
  }
}
