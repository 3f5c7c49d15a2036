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
  /// Whether both took turns with each other, round by round.
  public var isPaced: Bool
  public var base: GateRun
  public var head: GateRun
  /// Why the two were not measured to the end; nil where they were.
  public var failure: GateFailure?
  /// Workloads that were measured with several sets of parameters, all of these together.
  public var pools: [GatePool]
  /// Worst first: regressions, then what is inconclusive, improvements, and what is unchanged; by ratio within each.
  public var comparisons: [GateComparison]
  /// What only the head has, and the base cannot judge.
  public var onlyInHead: [String]
  /// Facts of the host that differ and may be the change under test, such as the kernel's release. Not for ``Gate`` to know:
  /// filled in by who has compared the hosts.
  public var changes: [HostComparison.Difference] = []
  /// What must be known before the verdict is believed.
  public var warnings: [String]

  /// All that was judged: what several sets of parameters say together, then each comparison.
  public var findings: [GateComparison] { pools.map(\.comparison) + comparisons }

  /// How many comparisons came out so.
  public func count(_ outcome: GateOutcome) -> Int { comparisons.count { $0.outcome == outcome } }

  /// One line: `fail: 1 regression, 3 inconclusive, 20 unchanged`.
  public var headline: String {
    if let failure { return "\(verdict.rawValue): the \(failure.side) ended early: \(failure.reason); \(tally)" }
    return "\(verdict.rawValue): \(tally)"
  }

  private var tally: String {
    let counts = GateOutcome.allCases.compactMap { outcome -> String? in
      let count = count(outcome)
      guard count > 0 else { return nil }
      let isPlural = count > 1 && (outcome == .regression || outcome == .improvement)
      let counted = comparisons.count { $0.outcome == outcome && $0.basis == .counts }
      let basis = counted > 0 && outcome == .regression ? " (\(counted) by counts)" : ""
      return "\(count) \(outcome.rawValue)\(isPlural ? "s" : "")\(basis)"
    }
    let pooled = pools.filter { $0.outcome == .regression }.map {
      ", \($0.workload) on \(Path($0.machine, $0.mode)) slower over all its parameters"
    }
    return counts.joined(separator: ", ") + pooled.joined()
  }
}

/// A build that could not be measured to the end.
public struct GateFailure: Codable, Sendable, Equatable {
  /// `base` or `head`.
  public var side: String
  public var reason: String

  public init(side: String, reason: String) {
    self.side = side
    self.reason = reason
  }

  public var isHead: Bool { side == "head" }
}
