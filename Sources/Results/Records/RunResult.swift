/// One run, as it is kept in `result.json`.
public struct RunResult: Codable, Sendable, Equatable {
  /// The schema that this version reads and writes.
  public static let currentSchema = "nearmetal.result/1"

  /// Always ``currentSchema`` in a value that was read by ``ResultStore``.
  public var schema: String
  public var run: RunRecord
  public var host: HostRecord
  /// Every leg that was planned, in the order in which it ran; skipped and failed ones included.
  public var legs: [LegRecord]
  /// Ratios against a reference machine. See ``ComparisonBuilder``.
  public var comparisons: [ComparisonRecord]
  /// Ratios against the same work with other parameters; nil where the suite names none.
  public var variants: [VariantRecord]?
  /// Metrics that have no counterpart on a reference machine, summarised over the blocks.
  public var summaries: [SummaryRecord]
  public var claims: [ClaimRecord]
  /// What the counters are worth; nil in a result of a version that made no audit.
  public var audit: AuditRecord?
  /// What the counting pass counted; nil where there was none.
  public var counted: [CountedRecord]?
  /// What a calibration of this host found before the run; nil where there was none.
  public var calibration: CalibrationRecord?

  public init(
    run: RunRecord, host: HostRecord, legs: [LegRecord], comparisons: [ComparisonRecord] = [],
    summaries: [SummaryRecord] = [], claims: [ClaimRecord] = [], audit: AuditRecord? = nil,
    counted: [CountedRecord]? = nil, calibration: CalibrationRecord? = nil
  ) {
    self.schema = Self.currentSchema
    self.run = run
    self.host = host
    self.legs = legs
    self.comparisons = comparisons
    self.summaries = summaries
    self.claims = claims
    self.audit = audit
    self.counted = counted
    self.calibration = calibration
  }
}

extension RunResult {
  /// Flags every comparison and summary of a workload on a path whose legs were slowed on purpose.
  ///
  /// - Parameter isReached: whether a workload's legs on a path were.
  public mutating func flagInjected(_ isReached: (Workload, Path) -> Bool) {
    for index in comparisons.indices where isReached(comparisons[index].workload, comparisons[index].path) {
      comparisons[index].flags.append(.injected)
    }
    variants = variants?.map { variant in
      var variant = variant
      if isReached(variant.comparison.workload, variant.comparison.path) { variant.comparison.flags.append(.injected) }
      return variant
    }
    for index in summaries.indices where isReached(summaries[index].workload, summaries[index].path) {
      summaries[index].flags.append(.injected)
    }
  }
}
