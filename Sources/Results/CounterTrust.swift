/// What the audit of the run's beginning found about a counter.
public enum CounterTrust: String, Codable, Sendable, CaseIterable {
  /// It counted what was known to have happened, exactly, wherever it was checked.
  case trusted
  /// It did not: its values are kept and marked.
  case untrusted
  /// Nothing of known number could be held against it here.
  case unchecked
}
