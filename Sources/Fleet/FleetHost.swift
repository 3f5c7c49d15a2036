import Glibc
import Results
import Statistics

/// What one result says of its host: no legs, so that thousands fit into memory.
public struct FleetHost: Sendable {
  /// What the folder of results calls it.
  public let name: String
  /// Where its result was read.
  public let path: String
  /// Fingerprint of the key that signed its bundle; nil where it comes from none.
  public let signer: String?
  public let suite: String
  public let startedAt: String
  public let fingerprint: String
  /// All facts of its inventory by id.
  public let inventory: [String: String]
  public private(set) var figures: [FleetSeries: FleetFigure]
  /// The run's id.
  let run: String
  /// What its legs computed, and the build that computed it.
  private(set) var answers: [AnswerRecord]
  let revision: String
  /// Why legs failed or were skipped.
  private(set) var reasons: [String]
  /// Whether its jobs were to measure it several times.
  let isRepetition: Bool

  /// Metrics in the order in which they stand for a workload: one is held against the other hosts', or a host would be accused of one thing
  /// several times.
  private static let headlines = [
    "throughput", "iops", "frames", "bandwidth", "latency", "latency.p50", "time.p50", "cost", "latency.mean",
  ]

  init(name: String, path: String, _ result: FleetResult, signer: String?, isRepetition: Bool) {
    self.name = name
    self.path = path
    self.signer = signer
    self.isRepetition = isRepetition
    suite = result.run.suite
    startedAt = result.run.startedAt
    run = result.run.id
    revision = result.run.tool.revision
    (answers, reasons) = (result.answers, result.reasons)
    let host = result.host
    fingerprint = host.fingerprint
    inventory = [
      host.cpu, host.numa, host.kernel, host.memory, host.facts ?? [:], ["kvm.backend": host.kvm.backend.rawValue],
    ]
    .reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    var figures: [FleetSeries: FleetFigure] = [:]
    for record in Self.first(result.comparisons.filter { $0.reference == .native && $0.path.machine == .nearmetal }) {
      guard record.ratio > 0, record.ratio.isFinite else { continue }
      figures[FleetSeries(.virtual, record.workload, record.metric, record.path)] = FleetFigure(
        logarithm: log(record.ratio),
        variance: Self.variance(record.ratio, record.low, record.high, record.level, record.blocks),
        value: record.ratio, unit: "")
      guard record.referenceValue > 0, record.referenceValue.isFinite else { continue }
      let logarithm = log(record.referenceValue)
      figures[FleetSeries(.native, record.workload, record.metric, .native)] = FleetFigure(
        logarithm: record.direction == .higher ? logarithm : -logarithm, variance: 0, value: record.referenceValue,
        unit: record.unit)
    }
    for record in Self.first(result.summaries.filter { $0.path.machine == .nearmetal }) {
      guard record.mean > 0, record.mean.isFinite else { continue }
      let logarithm = log(record.mean)
      figures[FleetSeries(.virtual, record.workload, record.metric, record.path)] = FleetFigure(
        logarithm: record.direction == .higher ? logarithm : -logarithm,
        variance: Self.variance(record.mean, record.low, record.high, record.level, record.blocks), value: record.mean,
        unit: record.unit)
    }
    self.figures = figures
  }

  /// Takes several runs of one suite on this host for one: the mean of each figure, with the variance that they show.
  /// - Parameter others: at least one.
  func joined(with others: [FleetHost]) -> FleetHost {
    var joined = self
    for series in figures.keys {
      let all = [figures[series]].compactMap(\.self) + others.compactMap { $0.figures[series] }
      guard let first = all.first, all.count > 1 else { continue }
      let count = Double(all.count)
      let mean = all.reduce(0) { $0 + $1.logarithm } / count
      let squares = all.reduce(0) { $0 + ($1.logarithm - mean) * ($1.logarithm - mean) }
      joined.figures[series] = FleetFigure(
        logarithm: mean, variance: squares / (count - 1) / count,
        value: exp(all.reduce(0) { $0 + log($1.value) } / count), unit: first.unit)
    }
    for host in others {
      joined.answers += host.answers.filter { !joined.answers.contains($0) }
      joined.reasons += host.reasons.filter { !joined.reasons.contains($0) }
    }
    return joined
  }

  /// Of each workload on each path the record whose metric stands for it; none where it has only others.
  private static func first<Record: FleetRecord>(_ records: [Record]) -> [Record] {
    let ranked = records.compactMap { record in
      headlines.firstIndex(of: record.metric).map { (rank: $0, record: record) }
    }
    return Dictionary(grouping: ranked) { "\($0.record.workload) \($0.record.path)" }.values
      .compactMap { $0.min { $0.rank < $1.rank }?.record }
  }

  /// Of the logarithm of a mean over blocks, from its Student interval.
  private static func variance(_ value: Double, _ low: Double?, _ high: Double?, _ level: Double, _ blocks: Int)
    -> Double
  {
    guard let low, let high, low > 0, high > low, blocks > 1, level > 0, level < 1 else { return 0 }
    let quantile = StudentT(degreesOfFreedom: Double(blocks - 1)).quantile((1 + level) / 2)
    let deviation = log(high / low) / 2 / quantile
    return deviation.isFinite ? deviation * deviation : 0
  }
}

/// What records of ratios and of figures have in common.
private protocol FleetRecord {
  var workload: Workload { get }
  var metric: String { get }
  var path: Path { get }
}

extension ComparisonRecord: FleetRecord {}
extension SummaryRecord: FleetRecord {}
