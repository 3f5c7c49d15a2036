/// A place in a series from which on its figures are different. Advice where to look, no verdict.
public struct HistoryChange: Codable, Sendable, Equatable {
  /// Index of the first point after the change.
  public var index: Int
  /// That point's run and revision.
  public var run: String
  public var revision: String
  /// The point before it: what changed, changed after this revision.
  public var previousRevision: String
  /// Geometric means of the segments before and after, up to the neighbouring changes.
  public var before: Double
  public var after: Double
  /// Chance of a change as strong where there is none (permutation test).
  public var probability: Double

  /// Relative change, such as −0.1 for a tenth less.
  public var relative: Double { after / before - 1 }
}
