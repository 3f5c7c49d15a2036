/// One counter held against one known number.
public struct AuditCheck: Codable, Sendable, Equatable {
  public enum Verdict: String, Codable, Sendable, CaseIterable {
    /// Counted and known are the same number.
    case agrees
    /// They are not, and nothing here says why.
    case disagrees
    /// They are not, for a reason that is known: `why` gives it.
    case explained
    /// The check could not be made: `why` says what is missing.
    case skipped
  }

  /// The counter's name as legs have it.
  public var counter: String
  public var domain: CounterDomain
  /// What was done, as a phrase.
  public var work: String
  public var known: UInt64?
  public var counted: UInt64?
  public var verdict: Verdict
  public var why: String?

  public init(
    counter: String, domain: CounterDomain, work: String, known: UInt64?, counted: UInt64?, verdict: Verdict,
    why: String? = nil
  ) {
    (self.counter, self.domain, self.work) = (counter, domain, work)
    (self.known, self.counted, self.verdict, self.why) = (known, counted, verdict, why)
  }
}
