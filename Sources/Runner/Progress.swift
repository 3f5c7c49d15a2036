import Results

/// What a run tells while it goes on. Called on the run's own thread.
public struct Progress: Sendable {
  /// Legs that are done, legs in all, seconds gone, seconds that are left by the pace so far, and what comes next.
  public struct Step: Sendable {
    public let done: Int
    public let total: Int
    public let elapsed: Double
    public let remaining: Double?
    public let next: String

    public init(done: Int, total: Int, elapsed: Double, remaining: Double?, next: String) {
      self.done = done
      self.total = total
      self.elapsed = elapsed
      self.remaining = remaining
      self.next = next
    }
  }

  public let report: @Sendable (Step) -> Void

  public init(_ report: @escaping @Sendable (Step) -> Void) {
    self.report = report
  }
}
