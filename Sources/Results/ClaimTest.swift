/// How a claim is put to the data.
public enum ClaimTest: String, Codable, Sendable, CaseIterable {
  /// The ratio is at least a margin of at most 1: "near", "within 5 %".
  case nonInferiority = "non-inferiority"
  /// The ratio is at least a margin of 1 or more: "faster", "a third faster".
  case superiority
  /// The workload runs to its end and verifies its data, on the claim's machine and on the reference; nothing is timed.
  case runs
}
