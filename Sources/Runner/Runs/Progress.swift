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
    public var unit: String

    public init(
      done: Int, total: Int, elapsed: Double, remaining: Double?, next: String, unit: String = "legs"
    ) {
      self.done = done
      self.total = total
      self.elapsed = elapsed
      self.remaining = remaining
      self.next = next
      self.unit = unit
    }
  }

  public let report: @Sendable (Step) -> Void

  public init(_ report: @escaping @Sendable (Step) -> Void) {
    self.report = report
  }
}
