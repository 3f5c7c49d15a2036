/// What an interval says about a bound.
public enum Decision: String, Sendable, CaseIterable {
  case pass, fail, inconclusive
}
