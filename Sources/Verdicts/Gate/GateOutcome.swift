/// What became of one metric of one workload in one mode between base and head.
public enum GateOutcome: String, Codable, Sendable, CaseIterable {
  /// Worse, by more than noise and by more than the minimum effect; or it ran in the base and failed in the head.
  case regression
  /// The data can neither show a regression nor exclude a slowdown as large as the margin.
  case inconclusive
  /// Better, by more than noise and by more than the minimum effect.
  case improvement
  /// A slowdown as large as the margin is excluded.
  case unchanged

  /// Worst first.
  public var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
