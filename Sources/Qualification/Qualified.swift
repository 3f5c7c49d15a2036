import Results

/// What all requirements together say of a host. Blockers alone decide; what else failed is shown, to be answered for.
public enum Qualified: String, Codable, Sendable {
  /// Every blocker passed.
  case qualified
  /// A blocker failed, crashed, or asks for what the host has not.
  case notQualified = "not-qualified"
  /// No blocker stands against it, but one is open.
  case undecided

  public init(_ requirements: [RequirementRecord]) {
    let blockers = requirements.filter { $0.requirement == .blocker }.map(\.outcome)
    if blockers.contains(where: { [.fail, .crash, .notSupported].contains($0) }) {
      self = .notQualified
    } else {
      self = blockers.allSatisfy { $0 == .pass } ? .qualified : .undecided
    }
  }
}
