/// How a leg ended.
public enum LegStatus: String, Codable, Sendable, CaseIterable {
  /// It ran to its end; its metrics stand.
  case ok
  /// The host or the plan has no place for it; the leg's reason says why.
  case skipped
  /// It was started and did not reach its end, or its data did not verify; the leg's reason says why.
  case failed
}
