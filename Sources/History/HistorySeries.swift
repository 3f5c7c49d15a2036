import Glibc
import Results
import Statistics

/// One metric of one workload on one host, in one mode, over the runs: everything that a report needs to show it.
public struct HistorySeries: Sendable, Equatable {
  /// Fingerprint of the host.
  public var host: String
  public var workload: Workload
  public var metric: String
  public var unit: String
  /// Which way the metric itself is better. A ratio is always better higher.
  public var direction: Direction
  public var path: Path
  /// The machine that the values are ratios to; nil where the values are the metric itself.
  public var reference: Machine?
  /// In the order in which the runs began.
  public var points: [HistoryPoint]
  /// Found by ``detectChanges(minimumSegment:)``; empty before.
  public var changes: [HistoryChange]

  public init(
    host: String, workload: Workload, metric: String, unit: String, direction: Direction, path: Path,
    reference: Machine?, points: [HistoryPoint], changes: [HistoryChange] = []
  ) {
    self.host = host
    self.workload = workload
    self.metric = metric
    self.unit = unit
    self.direction = direction
    self.path = path
    self.reference = reference
    self.points = points
    self.changes = changes
  }

  /// Looks for changes in the logarithms of the values with `EDivisive`. A series with a value that is not above 0 has no
  /// logarithms: its values are taken as they are.
  /// - Parameter minimumSegment: points on each side of a change, at least 2.
  public mutating func detectChanges(minimumSegment: Int = 5) {
    changes = ChangePlace.find(points.map(\.value), minimumSegment: minimumSegment).map { change($0) }
  }

  /// A change at a place of ``points``.
  func change(_ place: ChangePlace) -> HistoryChange {
    HistoryChange(
      index: place.index, run: points[place.index].run, revision: points[place.index].revision,
      previousRevision: points[place.index - 1].revision, before: place.before, after: place.after,
      probability: place.probability)
  }
}

/// Where figures change, and from what to what.
struct ChangePlace: Sendable {
  let index: Int
  let before: Double
  let after: Double
  let probability: Double

  static func find(_ values: [Double], minimumSegment: Int) -> [ChangePlace] {
    let isPositive = values.allSatisfy { $0 > 0 }
    let series = isPositive ? values.map { log($0) } : values
    let found = EDivisive(minimumSegment: minimumSegment).changePoints(in: series)
    let edges = [0] + found.map(\.index) + [values.count]
    func mean(_ range: Range<Int>) -> Double {
      let mean = series[range].reduce(0, +) / Double(range.count)
      return isPositive ? exp(mean) : mean
    }
    return found.enumerated().map { position, change in
      ChangePlace(
        index: change.index, before: mean(edges[position]..<change.index),
        after: mean(change.index..<edges[position + 2]), probability: change.probability)
    }
  }
}

// Flat, and the workload's parameters as one text.
extension HistorySeries: Codable {
  private enum Field: String, CodingKey {
    case host, workload, parameters, metric, unit, direction, reference, points, changes
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    path = try Path(from: decoder)
    workload = Workload(try fields.value(.workload), parameterText: try fields.value(.parameters))
    host = try fields.value(.host)
    metric = try fields.value(.metric)
    unit = try fields.value(.unit)
    direction = try fields.value(.direction)
    reference = try fields.optional(.reference)
    points = try fields.value(.points)
    changes = try fields.value(.changes)
  }

  public func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(workload.id, forKey: .workload)
    try fields.encode(workload.parameterText, forKey: .parameters)
    try fields.encode(host, forKey: .host)
    try fields.encode(metric, forKey: .metric)
    try fields.encode(unit, forKey: .unit)
    try fields.encode(direction, forKey: .direction)
    try fields.encodeIfPresent(reference, forKey: .reference)
    try fields.encode(points, forKey: .points)
    try fields.encode(changes, forKey: .changes)
  }
}
