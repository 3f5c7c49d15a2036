import Results

/// One metric of one workload on one machine in one mode, in every run.
public struct ComparedSeries: Sendable, Equatable {
  /// What one run says.
  public struct Figure: Codable, Sendable, Equatable {
    /// Geometric mean over the blocks; the arithmetic one where a block has a figure that is not above zero.
    public var value: Double
    public var blocks: Int
    /// Ratio to bare metal in the same run, with its interval; nil where there is none.
    public var ratio: Double?
    public var low: Double?
    public var high: Double?
    /// This run's value over the first run's, turned so that more than 1.0 is better; nil in the first run, and where either
    /// has no value above zero.
    public var change: Double?
    /// Interval of the change by Welch's t on logarithms, at the first run's level; nil where a side has a single block.
    public var changeLow: Double?
    public var changeHigh: Double?
  }

  public var workload: Workload
  public var metric: String
  public var unit: String
  public var direction: Direction
  public var path: Path
  /// Whether it is the metric that stands for its workload.
  public var isHeadline: Bool
  /// One for each run, in their order; nil where a run has no such figure.
  public var figures: [Figure?]
  /// Why a run has no such figure, by its letter: skipped, failed, or not part of its suite.
  public var absent: [String: String]
}

// Flat: the fields of `path` and `workload` stand among the record's own.
extension ComparedSeries: Codable {
  private enum Field: String, CodingKey {
    case metric, unit, direction, isHeadline, figures, absent
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    path = try Path(from: decoder)
    workload = try Workload(from: decoder)
    metric = try fields.value(.metric)
    unit = try fields.value(.unit)
    direction = try fields.value(.direction)
    isHeadline = try fields.value(.isHeadline)
    figures = try fields.value(.figures)
    absent = try fields.value(.absent)
  }

  public func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(metric, forKey: .metric)
    try fields.encode(unit, forKey: .unit)
    try fields.encode(direction, forKey: .direction)
    try fields.encode(isHeadline, forKey: .isHeadline)
    try fields.encode(figures, forKey: .figures)
    try fields.encode(absent, forKey: .absent)
  }
}
