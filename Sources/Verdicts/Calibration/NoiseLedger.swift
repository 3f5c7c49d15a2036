import Glibc
import Results
import Statistics

/// Gathers what pairs of equal runs say about the noise of each metric.
struct NoiseLedger: Sendable {
  /// Longest advice.
  private static let mostIterations = 50
  /// Stretches of a block's rounds that stand for windows of their own.
  private static let stretches = 4

  /// What was gathered of one metric in one place.
  private struct Entry {
    /// Sum over pairs of the squared distances of the blocks' log-ratios from their pair's mean, and their degrees of freedom.
    var squares = 0.0
    var freedom = 0
    var pairs = 0
    /// Logarithms of the metric by block, by leg, by window.
    var nested: [[[Double]]] = []
    /// Logarithms of the ratio by block, by stretch of its rounds.
    var stretches: [[Double]] = []

    /// Where the noise comes from; nil where the windows cannot tell.
    var components: VarianceComponents? {
      stretches.isEmpty ? try? VarianceComponents(nested) : try? VarianceComponents(blocks: stretches)
    }
  }

  private var entries: [Series.Key: Entry] = [:]
  private var windowSeconds = 0.0
  private var legSeconds = 0.0
  private var pairs = 0

  mutating func add(_ pair: CalibrationPair) {
    pairs += 1
    windowSeconds += pair.windowSeconds
    legSeconds += pair.legSeconds
    let head = Self.byKey(pair.head.legs)
    let repeats = (Self.figures(pair.baseRepeats), Self.figures(pair.headRepeats))
    for series in Series.all(in: pair.base.legs) {
      guard let other = head[series.key] else { continue }
      let ratios = other.anywhere.ratios(over: series.anywhere)
      let blocks = ratios.map(\.block)
      let ours = blocks.compactMap { series.points[$0]?.value }
      let theirs = blocks.compactMap { other.points[$0]?.value }
      guard let ratio = try? PairedLogRatio(logarithms: ratios.map(\.ratio.logarithm)), ratio.blocks > 1 else {
        continue
      }
      var entry = entries[series.key] ?? Entry()
      let deviation = ratio.sample.standardDeviation
      entry.squares += deviation * deviation * Double(ratio.blocks - 1)
      entry.freedom += ratio.blocks - 1
      entry.pairs += 1
      for (_, ratio) in ratios {
        guard let rounds = ratio.rounds, rounds.count >= Self.stretches,
          let parts = try? BlockRatio.estimator.logRatios(of: rounds, parts: Self.stretches, higherIsBetter: true)
        else { continue }
        entry.stretches.append(parts)
      }
      for (index, block) in blocks.enumerated() {
        let legs = [(ours[index], repeats.0), (theirs[index], repeats.1)].map { first, more in
          [log(first)] + (more[series.key]?[block] ?? []).map { log($0) }
        }
        entry.nested.append(legs)
      }
      entries[series.key] = entry
    }
  }

  /// One record a metric, in a fixed order.
  func records(blocks: Int, alpha: Double) -> [MetricNoiseRecord] {
    entries.sorted { Self.order($0.key).lexicographicallyPrecedes(Self.order($1.key)) }.map { key, entry in
      let spread = (entry.squares / Double(max(1, entry.freedom))).squareRoot()
      let components = entry.components
      let subject = key.subject
      return MetricNoiseRecord(
        workload: subject.workload, metric: subject.metric, path: key.path, pairs: entry.pairs,
        noiseFloor: DetectableEffect.noiseFloor(spread: spread, blocks: blocks, alpha: alpha),
        minimumDetectableEffect: DetectableEffect.relative(
          spread: spread, blocks: blocks, alpha: alpha, power: BlockPlanning.power),
        blocksForFivePercent: BlockPlanning.blocks(distance: log(0.95), spread: spread, alpha: alpha),
        variance: components.map {
          NoiseSourcesRecord(
            iteration: $0.iteration.squareRoot(), leg: $0.leg.squareRoot(), block: $0.block.squareRoot())
        },
        iterations: components.map {
          $0.iterations(
            legCost: max(legSeconds, 1e-6), iterationCost: max(windowSeconds, 1e-6), limit: Self.mostIterations)
        },
        effects: components.map { effects($0, isInTurns: !entry.stretches.isEmpty, alpha: alpha) })
    }
  }

  /// Times for which it is said what they can see: a minute, and what more buys.
  private static let times = [60.0, 300, 1200]
  private static let mostBlocks = 1000
  private static let mostBoots = 4

  /// What is seen in a time of one comparison, whose block has a leg of each side.
  private func effects(_ variance: VarianceComponents, isInTurns: Bool, alpha: Double) -> [EffectRecord] {
    let sides = 2.0
    // What a stretch of the rounds leaves is that much of a window.
    let share = isInTurns ? Double(Self.stretches) : 1
    let perBoot = max(legSeconds / Double(max(1, pairs)), 1e-3) * sides
    let perStretch = max(windowSeconds / Double(max(1, pairs)), 1e-3) * sides / share
    // Without turns the two sides have figures of their own, and the ratio the scatter of both.
    let factor = isInTurns ? 1 : sides
    return Self.times.compactMap { seconds in
      let allotment = Allotment(
        block: Allotment.Stage(variance: factor * variance.block, seconds: 0, allowed: 1...Self.mostBlocks),
        boot: Allotment.Stage(variance: factor * variance.leg, seconds: perBoot, allowed: 1...Self.mostBoots),
        round: Allotment.Stage(
          variance: factor * variance.iteration, seconds: perStretch,
          allowed: Int(share)...Int(share) * Self.mostIterations),
        seconds: seconds, alpha: alpha)
      return allotment.map {
        EffectRecord(
          seconds: seconds, effect: $0.effect, blocks: $0.blocks, boots: $0.boots, windows: Double($0.rounds) / share)
      }
    }
  }

  private static func order(_ key: Series.Key) -> [String] {
    let subject = key.subject
    return [
      subject.workload.id, subject.workload.parameterText, key.path.machine.rawValue, key.path.mode.rawValue,
      subject.metric, subject.unit,
    ]
  }

  private static func byKey(_ legs: [LegRecord]) -> [Series.Key: Series] {
    Dictionary(Series.all(in: legs).map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The figures above 0 of further windows, by metric and block.
  private static func figures(_ legs: [LegRecord]) -> [Series.Key: [Int: [Double]]] {
    var found: [Series.Key: [Int: [Double]]] = [:]
    for leg in legs {
      for series in Series.all(in: [leg]) {
        let values = series.points.values.map(\.value).filter { $0 > 0 }
        found[series.key, default: [:]][leg.block, default: []] += values
      }
    }
    return found
  }
}
