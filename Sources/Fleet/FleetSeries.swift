import Results

/// What is held against the same of other hosts.
public struct FleetSeries: Hashable, Sendable, Codable {
  /// Which question about a host it answers.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// What bare metal makes of the workload: is the host slow?
    case native
    /// A guest's figure against bare metal's, or the guest's own where bare metal has none: is virtualization slow?
    case virtual
  }

  public let kind: Kind
  public let workload: Workload
  public let metric: String
  /// Native for ``Kind/native``.
  public let path: Path

  public init(_ kind: Kind, _ workload: Workload, _ metric: String, _ path: Path) {
    (self.kind, self.workload, self.metric, self.path) = (kind, workload, metric, path)
  }

  /// `block.randread bs=4KiB iops, nearmetal polled`.
  public var name: String { "\(workload) \(metric), \(path)" }
}

/// A host's figure in a series.
public struct FleetFigure: Sendable, Equatable {
  /// Natural logarithm, turned so that higher is better.
  public let logarithm: Double
  /// Of the logarithm, as the result's interval tells it; 0 where it has none.
  public let variance: Double
  /// As it is shown: a ratio, or a figure in its unit.
  public let value: Double
  public let unit: String
}
