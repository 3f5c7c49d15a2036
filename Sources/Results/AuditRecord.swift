/// What counters were worth on this host when the run began: each held against a number that was known.
public struct AuditRecord: Codable, Sendable, Equatable {
  public var checks: [AuditCheck]
  /// Counters that could not be had, in groups of one reason.
  public var unavailable: [UnavailableCounters]

  public init(checks: [AuditCheck] = [], unavailable: [UnavailableCounters] = []) {
    (self.checks, self.unavailable) = (checks, unavailable)
  }

  /// What was found about a counter of a leg. A counter is only as good as its worst check.
  public func trust(of counter: String) -> CounterTrust {
    let own = checks.filter { $0.counter == counter }.map(\.verdict)
    if own.contains(.disagrees) || own.contains(.explained) { return .untrusted }
    return own.contains(.agrees) ? .trusted : .unchecked
  }

  /// A leg's counters, marked where a check failed.
  public func marked(_ counters: [CounterRecord]) -> [CounterRecord] {
    let names = Set(untrusted)
    return counters.map { counter in
      var counter = counter
      if names.contains(counter.name) { counter.trust = .untrusted }
      return counter
    }
  }

  /// Names of the counters that failed a check, in the order of the checks, each once.
  public var untrusted: [String] {
    var seen: Set<String> = []
    return checks.map(\.counter).filter { trust(of: $0) == .untrusted && seen.insert($0).inserted }
  }
}

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

/// Counters that are not available for one reason.
public struct UnavailableCounters: Codable, Sendable, Equatable {
  public var names: [String]
  public var reason: String
  /// What the user can do; empty where nothing can be done.
  public var remedy: String

  public init(names: [String], reason: String, remedy: String) {
    (self.names, self.reason, self.remedy) = (names, reason, remedy)
  }
}
