import Glibc
import Statistics

/// One metric of one workload on one host, in one mode, over the runs: everything that a report needs to show it.
public struct HistorySeries: Codable, Sendable, Equatable {
  /// Fingerprint of the host.
  public var host: String
  public var workload: String
  /// The workload's parameters as one text, such as `bs=4KiB qd=1`; empty without any.
  public var parameters: String
  public var metric: String
  public var unit: String
  /// `higher` or `lower`: which way the metric itself is better. A ratio is always better higher.
  public var direction: String
  public var machine: String
  public var mode: String
  /// The machine that the values are ratios to; nil where the values are the metric itself.
  public var reference: String?
  /// In the order in which the runs began.
  public var points: [HistoryPoint]
  /// Found by ``detectChanges(minimumSegment:)``; empty before.
  public var changes: [HistoryChange]

  public init(
    host: String, workload: String, parameters: String, metric: String, unit: String, direction: String,
    machine: String, mode: String, reference: String?, points: [HistoryPoint], changes: [HistoryChange] = []
  ) {
    self.host = host
    self.workload = workload
    self.parameters = parameters
    self.metric = metric
    self.unit = unit
    self.direction = direction
    self.machine = machine
    self.mode = mode
    self.reference = reference
    self.points = points
    self.changes = changes
  }

  /// Looks for changes in the logarithms of the values with ``EDivisive``. A series with a value that is not above 0 has no
  /// logarithms: its values are taken as they are.
  /// - Parameter minimumSegment: points on each side of a change, at least 2.
  public mutating func detectChanges(minimumSegment: Int = 5) {
    let values = points.map(\.value)
    let isPositive = values.allSatisfy { $0 > 0 }
    let series = isPositive ? values.map { log($0) } : values
    let found = EDivisive(minimumSegment: minimumSegment).changePoints(in: series)
    let edges = [0] + found.map(\.index) + [points.count]
    changes = found.enumerated().map { position, change in
      func mean(_ range: Range<Int>) -> Double {
        let mean = series[range].reduce(0, +) / Double(range.count)
        return isPositive ? exp(mean) : mean
      }
      return HistoryChange(
        index: change.index, run: points[change.index].run, revision: points[change.index].revision,
        previousRevision: points[change.index - 1].revision, before: mean(edges[position]..<change.index),
        after: mean(change.index..<edges[position + 2]), probability: change.probability)
    }
  }
}
