import Results

/// What became of a line of a bill.
public enum BillOutcome: String, Codable, Sendable, CaseIterable {
  /// It costs more by more than the threshold, in every pass; or it ran in the base and not in the head.
  case regression
  /// It costs less by more than the threshold, in every pass.
  case improvement
  /// It is within the threshold, in every pass.
  case unchanged
  /// The passes of a bill differ by more than would tell.
  case inconclusive
}

/// A line of one bill against the same line of another.
public struct BillChange: Codable, Sendable, Equatable {
  public var workload: Workload
  public var path: Path
  public var name: String
  public var outcome: BillOutcome
  public var base: BillFigure?
  public var head: BillFigure?
  /// Why there are no figures on a side, where there are none.
  public var reason: String?
  /// Layers and functions whose instructions differ, the largest difference first; empty where the bills do not tell them.
  public var layers: [BillPart]
  public var functions: [BillPart]
  /// Counts an operation that differ, by name.
  public var counts: [BillPart]

  /// Head less base, in instructions; nil without figures.
  public var difference: Double? {
    guard let base, let head else { return nil }
    return head.value - base.value
  }

  /// The difference as a share of the base; nil without figures, or where the base is 0.
  public var share: Double? {
    guard let difference, let base, base.value > 0 else { return nil }
    return difference / base.value
  }
}

/// A part of a line on both sides.
public struct BillPart: Codable, Sendable, Equatable {
  public var name: String
  public var base: Double
  public var head: Double
  public var difference: Double { head - base }

  public init(name: String, base: Double, head: Double) { (self.name, self.base, self.head) = (name, base, head) }
}
