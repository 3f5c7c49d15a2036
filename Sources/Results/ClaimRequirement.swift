/// What a claim's verdict means for the whole.
public enum ClaimRequirement: String, Codable, Sendable, CaseIterable {
  /// Must hold. Blockers share their error (Holm), so that many of them are no easier to meet by luck than one.
  case blocker
  /// Should hold; a fail counts, an undecided one does not hold anything up.
  case nonBlocker = "non-blocker"
  /// For information.
  case optional
}
