/// What the data say about a claim.
public enum ClaimVerdict: String, Codable, Sendable, CaseIterable {
  case pass, fail, inconclusive
}
