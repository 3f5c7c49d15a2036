import Results

/// One metric of one workload on one machine in one mode, in every run.
public struct ComparedSeries: Codable, Sendable, Equatable {
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

  public var workload: String
  public var parameters: [String: String]
  public var metric: String
  public var unit: String
  public var direction: Direction
  public var machine: Machine
  public var mode: Mode
  /// Whether it is the metric that stands for its workload.
  public var isHeadline: Bool
  /// One for each run, in their order; nil where a run has no such figure.
  public var figures: [Figure?]
  /// Why a run has no such figure, by its letter: skipped, failed, or not part of its suite.
  public var absent: [String: String]
}
