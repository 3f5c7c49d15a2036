import Results

/// What a run tells while it goes on. Called on the run's own thread.
public struct Progress: Sendable {
  /// So many of so many.
  public struct Share: Sendable, Equatable {
    public let done: Int
    /// Nil where that is not known yet.
    public let total: Int?

    public init(_ done: Int, of total: Int?) {
      self.done = done
      self.total = total
    }
  }

  /// Legs (or what ``unit`` says) that are done, those in all, seconds gone, seconds that are left by the pace so far, and what comes next.
  public struct Step: Sendable {
    public let done: Int
    public let total: Int
    public let elapsed: Double
    public let remaining: Double?
    public let next: String
    public var unit: String
    /// The block that is measured, from 1; nil where there are none.
    public var block: Share?
    /// Claims that are decided so far, of a run that looks at them on the way; nil elsewhere, and before the first look.
    public var claims: Share?

    public init(
      done: Int, total: Int, elapsed: Double, remaining: Double?, next: String, unit: String = "legs",
      block: Share? = nil, claims: Share? = nil
    ) {
      self.done = done
      self.total = total
      self.elapsed = elapsed
      self.remaining = remaining
      self.next = next
      self.unit = unit
      self.block = block
      self.claims = claims
    }
  }

  public let report: @Sendable (Step) -> Void

  public init(_ report: @escaping @Sendable (Step) -> Void) {
    self.report = report
  }
}
