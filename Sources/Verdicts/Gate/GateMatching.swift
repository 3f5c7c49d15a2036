import Results

/// What base and head both measured, and what only one of them did.
struct GateMatching {
  struct Pair {
    let base: Series
    let head: Series
    /// Logarithms of the ratios to bare metal, each of its own run; nil for what was measured natively, or not natively at all.
    let relative: GatePool.Blocks?

    /// The same, wherever the two CPUs were.
    var anywhere: Pair { Pair(base: base.anywhere, head: head.anywhere, relative: relative) }
  }

  let pairs: [Pair]
  /// What the base measured and the head did not: a regression where the head's legs failed, else inconclusive.
  let lost: [GateComparison]
  /// Names of what only the head measured.
  let onlyInHead: [String]
  /// What ended well on neither side and failed on one of them: inconclusive.
  let nowhere: [GateComparison]
  /// What was skipped on both sides, a sentence each: it is not judged.
  let skipped: [String]

  /// - Parameter metrics: as in ``GateOptions/metrics``.
  init(base: RunResult, head: RunResult, metrics: [String]) {
    let ours = Self.judged(base, metrics)
    let bases = Self.byKey(base)
    let theirs = Self.byKey(head)
    var pairs: [Pair] = []
    var lost: [GateComparison] = []
    for series in ours {
      if let other = theirs[series.key] {
        let native = Series.Key(series.key.subject, .native)
        let relative =
          series.key.path.isNative
          ? nil : Self.relative(series, bases[native], other, theirs[native])
        pairs.append(Pair(base: series, head: other, relative: relative))
      } else {
        lost.append(Self.lost(series, head))
      }
    }
    self.pairs = pairs
    self.lost = lost
    (nowhere, skipped) = Self.nowhere(base, head)
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
    return all.filter {
      CountRule.decides($0) || headlines.contains([$0.key.subject.workload.id, $0.key.subject.metric])
    }
  }

  private static func byKey(_ result: RunResult) -> [Series.Key: Series] {
    Dictionary(Series.all(in: result.legs).map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private static func relative(
    _ base: Series, _ baseNative: Series?, _ head: Series, _ headNative: Series?
  ) -> GatePool.Blocks? {
    guard let baseNative, let headNative else { return nil }
    let sides = [(base, baseNative), (head, headNative)].map { series, native in
      series.ratios(over: native).map(\.ratio.logarithm)
    }
    return sides.allSatisfy { $0.count > 1 } ? .apart(base: sides[0], head: sides[1]) : nil
  }

  /// Workloads on a path that ended well in no leg of either side.
  private static func nowhere(
    _ base: RunResult, _ head: RunResult
  ) -> (failed: [GateComparison], skipped: [String]) {
    struct Place: Hashable {
      let workload: Workload
      let path: Path
    }
    func places(_ legs: [LegRecord]) -> Set<Place> { Set(legs.map { Place(workload: $0.workload, path: $0.path) }) }
    let all = base.legs + head.legs
    let missing = places(all).subtracting(places(all.filter { $0.status == .ok }))
    var (comparisons, skipped): ([GateComparison], [String]) = ([], [])
    for place in missing {
      let legs = all.filter { $0.workload == place.workload && $0.path == place.path }
      guard let first = legs.first(where: { $0.status == .failed }) else {
        skipped.append("\(place.workload) on \(place.path): \(legs.first?.reason ?? "")")
        continue
      }
      var comparison = GateComparison(
        workload: place.workload, metric: "status", unit: "", direction: .higher, path: place.path,
        outcome: .inconclusive, baseBlocks: 0, headBlocks: 0)
      comparison.reason = "it ran to its end on neither side: \(first.reason ?? "")"
      comparisons.append(comparison)
    }
    return (comparisons, skipped.sorted())
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
