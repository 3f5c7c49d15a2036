/// What the legs of a run say about each other.
public struct ComparisonSet: Sendable, Equatable {
  public var comparisons: [ComparisonRecord]
  public var summaries: [SummaryRecord]
}
