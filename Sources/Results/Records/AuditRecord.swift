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

  /// Those of ``untrusted`` whose every failure is explained: they are so on every host with this backend.
  public var untrustedByNature: [String] {
    untrusted.filter { name in !checks.contains { $0.counter == name && $0.verdict == .disagrees } }
  }

  /// Names of the counters that failed a check, in the order of the checks, each once.
  public var untrusted: [String] {
    var seen: Set<String> = []
    return checks.map(\.counter).filter { trust(of: $0) == .untrusted && seen.insert($0).inserted }
  }
}
