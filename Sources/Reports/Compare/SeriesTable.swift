import Glibc
import Results
import Statistics

/// The figures of several runs, matched by what they measure.
struct SeriesTable {
  /// Why a run has no figure of what its suite does not hold.
  static let notPlanned = "not part of the run"

  private let results: [RunResult]
  private let letters: [String]
  private let series: [[Series.Key: Series]]
  private let ratios: [[Series.Key: ComparisonRecord]]
  private let legs: [[LegGroup.Key: LegRecord]]

  init(_ results: [RunResult], letters: [String]) {
    self.results = results
    self.letters = letters
    series = results.map { result in
      Dictionary(Series.all(in: result.legs).map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }
    ratios = results.map { result in
      Dictionary(
        result.comparisons.filter { $0.reference == .native }.map { (Self.key($0), $0) },
        uniquingKeysWith: { first, _ in first })
    }
    // One leg for each workload and path, those that did not run before those that did: to say why a figure is absent.
    legs = results.map { result in
      var found: [LegGroup.Key: LegRecord] = [:]
      for leg in result.legs {
        let key = LegGroup.Key(workload: leg.workload, path: leg.path)
        if found[key] == nil || leg.status != .ok { found[key] = leg }
      }
      return found
    }
  }

  /// A row for every metric, in the order in which the series of a single run stand.
  func rows() -> [ComparedSeries] {
    var headlines: Set<[String]> = []
    for leg in results.flatMap(\.legs) {
      if let first = leg.metrics.first { headlines.insert([leg.workload.id, first.name]) }
    }
    var seen: Set<Series.Key> = []
    let keys = results.flatMap { Series.all(in: $0.legs).map(\.key) }.filter { seen.insert($0).inserted }
    let ordered = results.count > 1 ? keys.sorted { Self.text($0) < Self.text($1) } : keys
    return ordered.map { key in
      let subject = key.subject
      return ComparedSeries(
        workload: subject.workload, metric: subject.metric, unit: subject.unit,
        direction: subject.direction, path: key.path,
        isHeadline: headlines.contains([subject.workload.id, subject.metric]),
        figures: results.indices.map { figure(key, $0) }, absent: absences(key))
    }
  }

  private func figure(_ key: Series.Key, _ run: Int) -> ComparedSeries.Figure? {
    guard let own = series[run][key] else { return nil }
    let values = own.points.values.map(\.value).sorted()
    let logarithms = values.allSatisfy { $0 > 0 } ? try? Sample(values.map { log($0) }) : nil
    var figure = ComparedSeries.Figure(
      value: logarithms.map { exp($0.mean) } ?? values.reduce(0, +) / Double(max(1, values.count)),
      blocks: values.count)
    if let ratio = ratios[run][key] {
      (figure.ratio, figure.low, figure.high) = (ratio.ratio, ratio.low, ratio.high)
    }
    guard run > 0, let logarithms, let first = series[0][key] else { return figure }
    let before = first.points.values.map(\.value).sorted()
    guard before.allSatisfy({ $0 > 0 }), let reference = try? Sample(before.map { log($0) }) else { return figure }
    // Lower is better: the sides change places, so that more than 1.0 is better.
    let sides = key.subject.direction == .higher ? (logarithms, reference) : (reference, logarithms)
    figure.change = exp(sides.0.mean - sides.1.mean)
    if let interval = RatioEstimate(mode: sides.0, reference: sides.1)?.interval(level: results[0].run.level) {
      (figure.changeLow, figure.changeHigh) = (interval.low, interval.high)
    }
    return figure
  }

  private func absences(_ key: Series.Key) -> [String: String] {
    var absences: [String: String] = [:]
    for run in results.indices where series[run][key] == nil {
      let leg = legs[run][LegGroup.Key(workload: key.subject.workload, path: key.path)]
      absences[letters[run]] =
        switch leg?.status {
        case nil: Self.notPlanned
        case .ok: "not measured"
        case .some(let status): "\(status.rawValue): \(leg?.reason ?? "")"
        }
    }
    return absences
  }

  private static func key(_ comparison: ComparisonRecord) -> Series.Key {
    Series.Key(
      Series.Subject(
        workload: comparison.workload, metric: comparison.metric, unit: comparison.unit,
        direction: comparison.direction), comparison.path)
  }

  private static func text(_ key: Series.Key) -> (String, String, Path, String) {
    (
      key.subject.workload.description, key.subject.metric,
      key.path, key.subject.unit
    )
  }
}
