import Statistics

extension ClaimRecord {
  /// Decides the claim from the comparisons with bare metal that it speaks of. Where several do (its parameters leave some
  /// free), all must hold; the figures are those of the one with the lowest lower bound, among those that fail if any does.
  ///
  /// A claim without data, or with too few blocks, is inconclusive and says why.
  public mutating func decide(by comparisons: [ComparisonRecord]) {
    let relevant = comparisons.filter(speaks(of:))
    verdict = .inconclusive
    (ratio, low, high, reason) = (nil, nil, nil, nil)
    guard !relevant.isEmpty else {
      reason = "nothing was measured that the claim speaks of"
      return
    }
    var failing: [ComparisonRecord] = []
    var passes = 0
    for comparison in relevant {
      do throws(StatisticsError) {
        switch try comparison.decide(margin: margin) {
        case .pass: passes += 1
        case .fail: failing.append(comparison)
        case .inconclusive: break
        }
      } catch {
        reason = error.description
      }
    }
    if !failing.isEmpty {
      verdict = .fail
      reason = nil
    } else if passes == relevant.count {
      verdict = .pass
    }
    let worst = (failing.isEmpty ? relevant : failing).min { ($0.low ?? 0, $0.ratio) < ($1.low ?? 0, $1.ratio) }
    (ratio, low, high) = (worst?.ratio, worst?.low, worst?.high)
  }

  /// Whether a comparison is one that the claim is about.
  public func speaks(of comparison: ComparisonRecord) -> Bool {
    comparison.reference == .native && comparison.workload == workload && comparison.metric == metric
      && comparison.machine == machine && comparison.mode == mode
      && parameters.allSatisfy { comparison.parameters[$0.key] == $0.value }
  }
}

extension ComparisonRecord {
  /// Whether the ratio is at least `margin`.
  ///
  /// - Throws: ``StatisticsError/tooFewBlocks(have:need:level:)``.
  public func decide(margin: Double) throws(StatisticsError) -> Decision {
    let need = NonInferiority.minimumBlocks(level: level)
    guard blocks >= need, let low, let high else { throw .tooFewBlocks(have: blocks, need: need, level: level) }
    return NonInferiority.decide(Interval(low: low, high: high, level: level), margin: margin)
  }
}
