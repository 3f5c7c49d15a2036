/// Which comparisons share one error α, divided among them by Holm's procedure.
public enum GateFamily: String, Codable, Sendable, CaseIterable {
  /// All of the gate: α is the chance that a gate over equal builds reports any regression.
  case gate
  /// Those of one workload with its parameters, over metrics, machines and modes.
  case workload
  /// Each stands alone: the more comparisons, the more false alarms.
  case none
}
