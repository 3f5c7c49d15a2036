import Results
import Statistics

/// Tells how the gate judges where the answer is known: two sides that are equal, or of which one was slowed on purpose.
///
/// Every decision is the gate's own (``Gate/decide(base:head:_:failure:)``) with the gate's own options, over the legs of one workload on
/// one machine in one mode in one pair of interleaved runs. Each decision has legs of its own, from boots of its own, so
/// decisions are independent but for what the host does for longer than a pair lasts. A whole pair is one more decision, with
/// the error divided among its family; those are counted apart.
public struct Calibrator: Sendable {
  public let options: GateOptions
  /// Level of the bounds of the rates.
  public let level: Double
  public private(set) var decisions: [CalibrationDecision] = []
  /// Places that gave no decision in a pair, because a side had no leg that ran to its end or none with the metric, with the
  /// reason of the last.
  public private(set) var leftOut: [String: String] = [:]
  /// Whole gates over equal sides, and how many of them found a regression.
  private var gates = 0
  private var gateAlarms = 0
  private var noise = NoiseLedger()

  public init(options: GateOptions = GateOptions(), level: Double = 0.95) {
    self.options = options
    self.level = level
  }

  /// Judges a pair.
  /// - Parameters:
  ///   - pair: the results of both sides, of which the second is the head.
  ///   - number: of the pair among those with the same slowdown.
  ///   - injection: what slowed the head; the pair then holds only what it reaches.
  public mutating func add(
    _ pair: CalibrationPair, number: Int, injection: InjectionRecord?
  ) throws(GateError) {
    let before = count(nil)
    for series in DecidedSeries.all(in: pair.base.legs) {
      let base = pair.base.only(series)
      let head = pair.head.only(series)
      if let reason = [base, head].compactMap(\.reasonForNothing).first {
        leftOut[series.name] = reason
        continue
      }
      let verdict: GateVerdict
      do throws(GateError) { verdict = try Gate.decide(base: base, head: head, options) } catch {
        guard case .nothingInCommon = error else { throw error }
        leftOut[series.name] = "not both sides had a leg with the metric"
        continue
      }
      guard let worst = verdict.comparisons.first else { continue }
      decisions.append(CalibrationDecision(pair: number, injection: injection, comparison: worst))
    }
    guard injection == nil, count(nil) > before else { return }
    gates += 1
    if try Gate.decide(base: pair.base, head: pair.head, options).count(.regression) > 0 { gateAlarms += 1 }
    noise.add(pair)
  }

  /// Decisions about equal sides, or about one slowdown.
  public func count(_ injection: InjectionRecord?) -> Int { decisions.count { $0.injection == injection } }

  /// Regressions that were found, with the bounds of the chance of one.
  public func rate(_ injection: InjectionRecord?) -> RateRecord {
    let own = decisions.filter { $0.injection == injection }
    return RateRecord(own.count { $0.comparison.outcome == .regression }, of: own.count, level: level)
  }

  /// What later results of the host carry.
  /// - Parameters:
  ///   - fingerprint: of the host.
  ///   - suite: the name of the suite that was measured.
  ///   - tool: the program that measured and decided.
  ///   - startedAt: ISO 8601, UTC.
  ///   - blocks: of each side of a decision.
  public func record(
    fingerprint: String, suite: String, tool: ToolRecord, startedAt: String, blocks: Int
  ) -> CalibrationRecord {
    var injections: [InjectionRecord] = []
    for decision in decisions {
      if let injection = decision.injection, !injections.contains(injection) { injections.append(injection) }
    }
    var record = CalibrationRecord(
      calibratedAt: startedAt, fingerprint: fingerprint, suite: suite, tool: tool, blocks: blocks,
      falseAlarms: rate(nil), gateAlarms: RateRecord(gateAlarms, of: gates, level: level),
      detections: injections.map {
        DetectionRecord(injection: $0, rate: rate($0), ratios: ratios($0), misses: misses($0))
      },
      metrics: noise.records(blocks: blocks, alpha: options.alpha))
    record.replication = replication(injections)
    return record
  }

  /// Runs are made of the pairs of a number with each of the slowdowns; each two of them that follow each other are held against
  /// each other.
  private func replication(_ injections: [InjectionRecord]) -> ReplicationRecord? {
    let runs =
      injections.map { injection in
        (decisions.filter { $0.injection == injection }.map(\.pair).max() ?? -1) + 1
      }.min() ?? 0
    guard runs >= 2 else { return nil }
    func findings(_ run: Int) -> Set<String> {
      Set(
        decisions.filter { $0.injection != nil && $0.pair == run && $0.comparison.outcome == .regression }.map {
          "\($0.injection.map(\.description) ?? ""): \($0.comparison.workload), \($0.comparison.path)"
        })
    }
    let pairs = stride(from: 0, to: runs - 1, by: 2).map { Replication(first: findings($0), second: findings($0 + 1)) }
    let all = Replication(pairs: pairs)
    return ReplicationRecord(pairs: pairs.count, both: all.both, one: all.onlyFirst + all.onlySecond)
  }

  /// Geometric means of the slowed ratios, by comparison.
  private func ratios(_ injection: InjectionRecord) -> [String: Double] {
    let own = decisions.filter { $0.injection == injection }
    return Dictionary(grouping: own, by: \.comparison.name).compactMapValues { decisions in
      GateRule.geometricMean(decisions.compactMap(\.comparison.ratio))
    }
  }

  /// How often a slowdown was not found, by why.
  private func misses(_ injection: InjectionRecord) -> [String: Int] {
    let missed = decisions.filter { $0.injection == injection && $0.comparison.outcome != .regression }
    return Dictionary(grouping: missed, by: \.comparison.reasonForNoRegression).mapValues(\.count)
  }
}

extension GateComparison {
  /// Why it is no regression.
  fileprivate var reasonForNoRegression: String {
    if let reason { return reason }
    return switch outcome {
    case .regression, .inconclusive: "its interval holds 1 as well as a slowdown"
    case .improvement: "it seemed faster"
    case .unchanged: "it seemed unchanged"
    }
  }
}

/// What the legs of one decision share.
private struct DecidedSeries: Hashable {
  let workload: Workload
  let path: Path

  init(_ leg: LegRecord) { (workload, path) = (leg.workload, leg.path) }

  /// `block.randread bs=4KiB, nearmetal polled`.
  var name: String { "\(workload), \(path)" }

  /// Those of some legs, each once, in the order in which they first appear.
  static func all(in legs: [LegRecord]) -> [DecidedSeries] {
    var seen: Set<DecidedSeries> = []
    return legs.map(DecidedSeries.init).filter { seen.insert($0).inserted }
  }
}

extension RateRecord {
  /// A rate with Clopper and Pearson's bounds; without any trial there are none.
  public init(_ count: Int, of trials: Int, level: Double) {
    let interval = trials > 0 ? ClopperPearson.interval(successes: count, trials: trials, level: level) : nil
    self.init(count: count, trials: trials, low: interval?.low, high: interval?.high, level: level)
  }
}

extension RunResult {
  /// The same run with the legs of one decision alone.
  fileprivate func only(_ series: DecidedSeries) -> RunResult {
    var result = self
    result.legs = legs.filter { DecidedSeries($0) == series }
    return result
  }

  /// Why no leg ran to its end; nil where one did.
  fileprivate var reasonForNothing: String? {
    guard !legs.contains(where: { $0.status == .ok }) else { return nil }
    return legs.first.map { "\($0.status.rawValue): \($0.reason ?? "")" } ?? "it was not measured"
  }
}
