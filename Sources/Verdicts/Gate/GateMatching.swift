import Results

/// What base and head both measured, and what only one of them did.
struct GateMatching {
  struct Pair {
    let base: Series
    let head: Series
  }

  let pairs: [Pair]
  /// What the base measured and the head did not: a regression where the head's legs failed, else inconclusive.
  let lost: [GateComparison]
  /// Names of what only the head measured.
  let onlyInHead: [String]

  /// - Parameter metrics: as in ``GateOptions/metrics``.
  init(base: RunResult, head: RunResult, metrics: [String]) {
    let ours = Self.judged(base, metrics)
    let theirs = Dictionary(
      Series.all(in: head.legs).map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    var pairs: [Pair] = []
    var lost: [GateComparison] = []
    for series in ours {
      if let other = theirs[series.key] {
        pairs.append(Pair(base: series, head: other))
      } else {
        lost.append(Self.lost(series, head))
      }
    }
    self.pairs = pairs
    self.lost = lost
    let known = Set(ours.map(\.key))
    onlyInHead = Self.judged(head, metrics).filter { !known.contains($0.key) }.map {
      GateComparison($0.key, outcome: .inconclusive).name
    }
  }

  private static func judged(_ result: RunResult, _ metrics: [String]) -> [Series] {
    let all = Series.all(in: result.legs)
    if metrics.contains("all") { return all }
    if !metrics.isEmpty { return all.filter { metrics.contains($0.key.subject.metric) } }
    var headlines: Set<[String]> = []
    for leg in result.legs {
      guard let first = leg.metrics.first else { continue }
      headlines.insert([leg.workload.id, first.name])
    }
    return all.filter { headlines.contains([$0.key.subject.workload.id, $0.key.subject.metric]) }
  }

  private static func lost(_ series: Series, _ head: RunResult) -> GateComparison {
    let key = series.key
    let legs = head.legs.filter { $0.path == key.path && $0.workload == key.subject.workload }
    let failed = legs.filter { $0.status == .failed }
    var comparison = GateComparison(key, outcome: failed.isEmpty ? .inconclusive : .regression)
    comparison.baseBlocks = series.points.count
    comparison.base = GateRule.geometricMean(series.points.values.map(\.value))
    if let first = failed.first {
      comparison.reason =
        "ran in the base and failed in \(failed.count) of \(legs.count) legs of the head: \(first.reason ?? "")"
    } else if let skipped = legs.first(where: { $0.status == .skipped }) {
      comparison.reason = "ran in the base and was skipped in the head: \(skipped.reason ?? "")"
    } else {
      comparison.reason =
        legs.isEmpty ? "the head has no such leg" : "the head's legs have no such metric in the same unit"
    }
    return comparison
  }
}
