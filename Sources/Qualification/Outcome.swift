/// What came of one requirement.
public enum Outcome: String, Codable, Sendable, CaseIterable {
  case pass, fail
  /// It was not tried, for a reason that is not the host's lack of something.
  case skip
  /// The host has no such thing.
  case notSupported = "not-supported"
  /// The host went down while it was tried.
  case crash
  /// What there is cannot tell.
  case undecided
}
