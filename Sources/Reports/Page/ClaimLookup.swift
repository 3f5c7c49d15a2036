import Results

/// What is shown beside a ratio: the strictest claim that speaks of it, how noisy it is, and what it costs in processor time.
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

  /// As in `×2.07`; empty where it was not measured.
  func cpu(of comparison: ComparisonRecord) -> String {
    result.cpuTimes(of: comparison).map { "×\(Figure.short($0))" } ?? ""
  }
}
