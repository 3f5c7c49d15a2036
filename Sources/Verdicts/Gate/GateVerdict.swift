import Results

/// What a gate decided, and from what.
public struct GateVerdict: Codable, Sendable, Equatable {
  public static let currentSchema = "nearmetal.gate/1"

  public var schema = Self.currentSchema
  /// Fail where an outcome is one that fails the gate; else inconclusive where one is inconclusive; else pass.
  public var verdict: ClaimVerdict
  public var options: GateOptions
  /// The error that each decision was made with: the options' α, halved where a run had declared an extension.
  public var alpha: Double
  /// Whether blocks of base and head ran back to back and were compared pair by pair; else they are two independent runs.
  public var isPaired: Bool
  public var base: GateRun
  public var head: GateRun
  /// Worst first: regressions, then what is inconclusive, improvements, and what is unchanged; by ratio within each.
  public var comparisons: [GateComparison]
  /// What only the head has, and the base cannot judge.
  public var onlyInHead: [String]
  /// What must be known before the verdict is believed.
  public var warnings: [String]

  /// How many comparisons came out so.
  public func count(_ outcome: GateOutcome) -> Int { comparisons.count { $0.outcome == outcome } }

  /// One line: `fail: 1 regression, 3 inconclusive, 20 unchanged`.
  public var headline: String {
    let counts = GateOutcome.allCases.compactMap { outcome -> String? in
      let count = count(outcome)
      guard count > 0 else { return nil }
      let isPlural = count > 1 && (outcome == .regression || outcome == .improvement)
      return "\(count) \(outcome.rawValue)\(isPlural ? "s" : "")"
    }
    return "\(verdict.rawValue): \(counts.joined(separator: ", "))"
  }
}
