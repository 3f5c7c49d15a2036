import Results

/// One requirement of a profile and what came of it.
public struct RequirementRecord: Codable, Sendable, Equatable {
  /// What decides it.
  public enum Kind: String, Codable, Sendable {
    /// A fact of the host's inventory.
    case host
    /// Guests that were run.
    case check
    /// Figures that were measured.
    case claim
  }

  /// Unique in the profile.
  public var id: String
  public var kind: Kind
  /// The requirement as a sentence.
  public var text: String
  public var requirement: ClaimRequirement
  public var outcome: Outcome
  /// What was found, or why there is no outcome.
  public var reason: String
  /// What the user can do about it; nil where nothing is known or nothing is amiss.
  public var remedy: String?

  public init(
    id: String, kind: Kind, text: String, requirement: ClaimRequirement, outcome: Outcome, reason: String,
    remedy: String? = nil
  ) {
    self.id = id
    self.kind = kind
    self.text = text
    self.requirement = requirement
    self.outcome = outcome
    self.reason = reason
    self.remedy = remedy
  }
}
