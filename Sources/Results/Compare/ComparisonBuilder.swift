import Glibc
import Statistics

/// From legs to comparisons.
///
/// Every metric of a workload is compared with the same metric on the native machine; `nearmetal` is besides compared with
/// `qemu` in the same mode. Legs are paired by block; of a leg and its repetition one counts (``LegRecord/deciding(_:)``). A
/// metric without a native counterpart is summarised.
public struct ComparisonBuilder {
  /// Two-sided level of the intervals, above 0 and below 1.
  public let level: Double
  /// Blocks that the run planned for a workload.
  private let plannedBlocks: (Workload) -> Int
  /// By block, how far apart the two CPUs were.
  private let handOffs: [Double?]

  public init(level: Double = 0.95, plannedBlocks: Int) {
    precondition(level > 0 && level < 1, "a level lies between 0 and 1")
    self.level = level
    self.plannedBlocks = { _ in plannedBlocks }
    handOffs = []
  }

  /// For the legs of a run.
  public init(_ run: RunRecord) {
    level = run.level
    plannedBlocks = { run.blocks(of: $0) }
    handOffs = run.handOffs ?? []
  }

  public func build(_ legs: [LegRecord]) -> ComparisonSet {
    let all = Series.all(in: legs)
    let byKey = Dictionary(all.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    let nativeLegs = legs.filter(\.path.isNative)
    let plannedNatively = Set(nativeLegs.map(\.workload))
    let ranNatively = Set(nativeLegs.filter { $0.status == .ok }.map(\.workload))
    // A run makes dozens of comparisons, and one in forty would be flagged by chance: the doubt is shared among them
    // (Bonferroni).
    let count = all.count { series in
      !series.key.path.isNative && byKey[Series.Key(series.key.subject, .native)] != nil
    }
    let superNativeLevel = 1 - (1 - level) / Double(max(1, count))
    var set = ComparisonSet(comparisons: [], summaries: [])
    var servedAsReference: Set<Series.Subject> = []

    for series in all where !series.key.path.isNative {
      let subject = series.key.subject
      let native = byKey[Series.Key(subject, .native)]
      if let native, let comparison = compare(series, with: native, superNativeLevel: superNativeLevel) {
        set.comparisons.append(comparison)
        servedAsReference.insert(subject)
      } else {
        // Native figures that share no block with these are as good as none. A native leg that ran and has no such metric
        // (exits, say) is no gap, nor is a count of 0 on either side, which has no ratio.
        let shares = native.map { other in series.points.keys.contains { other.points[$0] != nil } } ?? false
        let isMissing =
          (native != nil && !shares)
          || (plannedNatively.contains(subject.workload) && !ranNatively.contains(subject.workload))
        set.summaries.append(summarise(series, flags: isMissing ? [.referenceMissing] : []))
      }
      if series.key.path.machine == .nearmetal,
        let peer = byKey[Series.Key(subject, Path(.qemu, series.key.path.mode))],
        let comparison = compare(series, with: peer, superNativeLevel: superNativeLevel)
      {
        set.comparisons.append(comparison)
      }
    }
    // Native figures appear beside those compared with them; where there are none, on their own.
    for series in all where series.key.path.isNative && !servedAsReference.contains(series.key.subject) {
      set.summaries.append(summarise(series, flags: []))
    }
    return set
  }

  /// The native legs against themselves: what the method makes of equal sides.
  public func checks(_ legs: [LegRecord]) -> [MethodCheckRecord] {
    Series.all(in: legs).filter(\.key.path.isNative).compactMap { series in
      let subject = series.key.subject
      let blocks = series.points.keys.sorted().compactMap { series.points[$0] }
      let ratios = blocks.compactMap { BlockRatio(twinOf: $0, subject) }
      guard !ratios.isEmpty, let ratio = try? PairedLogRatio(logarithms: ratios.map(\.logarithm)) else { return nil }
      let interval = ratio.interval(level: level)
      return MethodCheckRecord(
        workload: subject.workload, metric: subject.metric, ratio: ratio.estimate, low: interval?.low,
        high: interval?.high, level: level, blocks: ratios.count)
    }
  }

  /// What the checks say together, by the first rate of each workload.
  public func pool(_ checks: [MethodCheckRecord]) -> MethodPoolRecord? {
    var seen: Set<Workload> = []
    let rates = checks.filter { check in
      TurnsRecord.Figure(metric: check.metric, of: check.workload) == .rate && seen.insert(check.workload).inserted
    }
    guard rates.count > 1,
      let mean = try? PrecisionWeightedMean(rates.map { log($0.ratio) }, errors: rates.map(\.standardError))
    else { return nil }
    let interval = mean.interval(level: level)
    return MethodPoolRecord(
      ratio: exp(mean.estimate), low: interval.map { exp($0.low) }, high: interval.map { exp($0.high) }, level: level,
      workloads: mean.count)
  }

  /// The native legs' turns after each of the other legs against their other turns: what a turn leaves behind for the next.
  public func carryOver(_ legs: [LegRecord]) -> [MethodCheckRecord] {
    Series.all(in: legs).filter(\.key.path.isNative).flatMap { series -> [MethodCheckRecord] in
      let subject = series.key.subject
      guard TurnsRecord.Figure(metric: subject.metric, of: subject.workload) == .rate else { return [] }
      var blocks: [String: [Double]] = [:]
      for point in series.points.sorted(by: { $0.key < $1.key }).map(\.value) {
        for (leg, logarithm) in point.turns?.carryOver ?? [:] { blocks[leg, default: []].append(logarithm) }
      }
      return blocks.sorted { $0.key < $1.key }.compactMap { leg, logarithms in
        guard let ratio = try? PairedLogRatio(logarithms: logarithms) else { return nil }
        let interval = ratio.interval(level: level)
        return MethodCheckRecord(
          workload: subject.workload, metric: subject.metric, ratio: ratio.estimate, low: interval?.low,
          high: interval?.high, level: level, blocks: logarithms.count, after: leg)
      }
    }
  }

  /// Every workload against the one that has other values of some parameters, on the same path.
  public func variants(_ legs: [LegRecord], against parameters: [String: ParameterValue]) -> [VariantRecord] {
    let all = Series.all(in: legs)
    let byKey = Dictionary(all.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    return all.compactMap { series in
      guard let reference = byKey[series.key.with(parameters)], reference.key != series.key,
        let comparison = compare(series, with: reference)
      else { return nil }
      return VariantRecord(comparison, against: parameters)
    }
  }

  // MARK: Ratios

  /// Nil where no block has a ratio.
  /// - Parameter superNativeLevel: of the interval that decides whether a ratio is above bare metal by more than noise; nil where
  ///   the reference is no bare metal.
  private func compare(
    _ series: Series, with reference: Series, superNativeLevel: Double? = nil
  ) -> ComparisonRecord? {
    let shared = series.points.keys.filter { reference.points[$0] != nil }.sorted()
    let all = shared.compactMap { block -> BlockPair? in
      guard let one = series.points[block], let other = reference.points[block] else { return nil }
      return one.value > 0 && other.value > 0 ? BlockPair(block: block, mode: one, reference: other) : nil
    }
    let elsewhere = all.filter { $0.mode.isElsewhere(with: $0.reference) }
    let used = all.filter { !$0.mode.isElsewhere(with: $0.reference) }
    let pairs = used.map { ($0.mode, $0.reference) }
    let subject = series.key.subject
    let ratios = pairs.compactMap { BlockRatio($0.0, over: $0.1, subject) }
    guard !ratios.isEmpty, let ratio = try? PairedLogRatio(logarithms: ratios.map(\.logarithm)) else { return nil }
    let interval = ratio.interval(level: level)

    var flags = flags(
      blocks: pairs.count, isDisturbed: pairs.contains { $0.0.isDisturbed || $0.1.isDisturbed },
      missing: plannedBlocks(subject.workload) - shared.count)
    if all.count < shared.count { flags.append(.nonPositive) }
    var notes: [String] = []
    if reference.key.path.isNative, let superNativeLevel, let bound = ratio.interval(level: superNativeLevel),
      bound.low > 1
    {
      flags.append(.superNative)
      notes = SuperNativeCause.notes(subject.workload, pairs: pairs)
    }
    if let note = hiccups(ratios, subject) {
      flags.append(.unevenTurns)
      notes.append(note)
    }
    let levels = [
      MovedBlocks.note(elsewhere, of: all.count, usual: used, subject),
      series.key.path.mode == .polled && ratios.count == pairs.count
        ? PolledLevels.note(ratios.map(\.logarithm), blocks: used.map(\.block), handOffs: handOffs) : nil,
    ].compactMap(\.self)
    if !levels.isEmpty { flags.append(.levels) }
    notes += levels
    return ComparisonRecord(
      workload: subject.workload, metric: subject.metric, unit: subject.unit,
      direction: subject.direction, path: series.key.path,
      reference: reference.key.path.machine, value: geometricMean(pairs.map(\.0.value)),
      referenceValue: geometricMean(pairs.map(\.1.value)),
      ratio: ratio.estimate, low: interval?.low, high: interval?.high, level: level, blocks: pairs.count, flags: flags,
      notes: notes)
  }

  /// What a robust estimate does not see: turns of one side alone that were much slower than its others.
  /// - Returns: a sentence where the plain mean over all turns disagrees beyond noise; nil where it does not.
  private func hiccups(_ ratios: [BlockRatio], _ subject: Series.Subject) -> String? {
    let blocks = ratios.compactMap(\.rounds)
    guard blocks.count == ratios.count,
      let disagreement = try? EstimatorDisagreement(
        ofBlocks: blocks, robust: BlockRatio.estimator, higherIsBetter: subject.direction == .higher),
      (try? disagreement.isBeyondNoise(level: level, tolerance: Self.hiccupTolerance)) == true
    else { return nil }
    let percent = (exp(disagreement.difference.mean) - 1) * 100
    return "over all its turns, hiccups included, it is \(abs((percent * 10).rounded() / 10)) % "
      + (percent < 0 ? "worse" : "better") + " than the ratio says"
  }

  /// Beyond this difference of logarithms hiccups of one side are said.
  private static let hiccupTolerance = 0.005

  private func geometricMean(_ values: [Double]) -> Double {
    exp(values.reduce(0) { $0 + log($1) } / Double(values.count))
  }

  // MARK: Summaries

  private func summarise(_ series: Series, flags extra: [ComparisonFlag]) -> SummaryRecord {
    let blocks = series.points.keys.sorted()
    let points = blocks.compactMap { series.points[$0] }
    guard let sample = try? Sample(points.map(\.value)) else {
      preconditionFailure("a series has a value, and values are finite")
    }
    let interval = sample.interval(level: level)
    let subject = series.key.subject
    return SummaryRecord(
      workload: subject.workload, metric: subject.metric, unit: subject.unit,
      direction: subject.direction, path: series.key.path, mean: sample.mean,
      low: interval?.low, high: interval?.high, level: level, blocks: points.count,
      flags: flags(
        blocks: points.count, isDisturbed: points.contains(where: \.isDisturbed),
        missing: plannedBlocks(subject.workload) - points.count) + extra)
  }

  private func flags(blocks: Int, isDisturbed: Bool, missing: Int) -> [ComparisonFlag] {
    var flags: [ComparisonFlag] = []
    if blocks == 1 { flags.append(.singleBlock) }
    if blocks < NonInferiority.minimumBlocks(level: level) { flags.append(.fewBlocks) }
    if missing > 0 { flags.append(.missingBlocks) }
    if isDisturbed { flags.append(.disturbedLegs) }
    return flags
  }
}

/// What the legs of a run say about each other.
public struct ComparisonSet: Sendable, Equatable {
  public var comparisons: [ComparisonRecord]
  public var summaries: [SummaryRecord]
}
