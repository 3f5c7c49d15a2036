/// A sentence that the run was to decide: a ratio is at least a margin.
public struct ClaimRecord: Codable, Sendable, Equatable {
  public var id: String
  /// The claim as a sentence.
  public var text: String
  /// Where the claim comes from.
  public var source: String
  public var workload: String
  /// Parameters that the workload must have; others are free.
  public var parameters: [String: String]
  public var metric: String
  public var machine: Machine
  public var mode: Mode
  /// The least ratio that meets the claim, above 0.
  public var margin: Double
  public var verdict: ClaimVerdict
  /// How it was tested; nil, as in records of earlier versions, means non-inferiority or superiority by the margin.
  public var test: ClaimTest?
  /// What is 1.0; nil means the native machine.
  public var reference: ClaimReference?
  /// What the verdict means for the whole; nil means for information.
  public var requirement: ClaimRequirement?
  /// Two-sided level of the interval, after what Holm's procedure and a declared extension took; nil where there is none.
  public var level: Double?
  /// Blocks that decided it; nil where there are none.
  public var blocks: Int?
  /// Blocks in all that would probably decide an inconclusive claim, by the scatter so far; nil where that cannot be told.
  public var blocksToDecide: Int?
  /// The ratio and its interval; nil where they were not measured. For a claim that something runs, the share of legs that did,
  /// counted and not estimated, so both bounds equal it.
  public var ratio: Double?
  public var low: Double?
  public var high: Double?
  /// Why the verdict is inconclusive, where the interval alone does not say.
  public var reason: String?

  public init(
    id: String, text: String, source: String, workload: String, parameters: [String: String] = [:], metric: String,
    machine: Machine, mode: Mode, margin: Double, verdict: ClaimVerdict, ratio: Double? = nil, low: Double? = nil,
    high: Double? = nil, reason: String? = nil
  ) {
    self.id = id
    self.text = text
    self.source = source
    self.workload = workload
    self.parameters = parameters
    self.metric = metric
    self.machine = machine
    self.mode = mode
    self.margin = margin
    self.verdict = verdict
    self.ratio = ratio
    self.low = low
    self.high = high
    self.reason = reason
  }
}
