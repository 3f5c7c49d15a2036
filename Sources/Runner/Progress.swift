import Results

/// What a run tells while it goes on. Called on the run's own thread.
public struct Progress: Sendable {
  /// Legs (or what ``unit`` says) that are done, those in all, seconds gone, seconds that are left by the pace so far, and what comes next.
  public struct Step: Sendable {
    public let done: Int
    public let total: Int
    public let elapsed: Double
    public let remaining: Double?
    public let next: String
    public var unit = "legs"
  }

  public let report: @Sendable (Step) -> Void

  public init(_ report: @escaping @Sendable (Step) -> Void) {
    self.report = report
  }
}
