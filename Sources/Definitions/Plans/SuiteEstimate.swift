import Results

/// How long a run of a suite takes, before it is run.
public struct SuiteEstimate: Sendable, Equatable {
  /// Legs of all blocks.
  public let legs: Int
  /// Boots of guests of all blocks.
  public let boots: Int
  /// Seconds that the legs' windows and warm-ups take: the least.
  public let windows: Double
  /// Seconds in all, as a rule.
  public let seconds: Double

  /// Seconds that a session takes besides its windows, booting, verification, counting and the host's noise included: what the quick
  /// suite took on a two-CPU host.
  static let sessionCost = 0.25
  /// The same of a session that boots Linux: what its kernel and drivers take.
  static let linuxSessionCost = 3.0

  public init(_ suite: Suite) {
    let plan = Plan(suite, seed: 1)
    let sessions = plan.sessions.filter { session in session.legs.contains { $0.block < suite.blocks } }
    legs = plan.legCount(blocks: suite.blocks)
    boots = sessions.count { !$0.path.isNative }
    windows = sessions.flatMap(\.legs).reduce(0) { $0 + Double(suite.warmup + suite.window(of: $1.entry)) / 1e9 }
    seconds = sessions.reduce(windows) {
      $0 + ($1.linux != nil && !$1.path.isNative ? Self.linuxSessionCost : Self.sessionCost)
    }
  }
}
