/// A sentence that the run was to decide: a ratio is at least a margin, or a count at most one.
public struct ClaimRecord: Sendable, Equatable {
  public var id: String
  /// The claim as a sentence.
  public var text: String
  /// Where the claim comes from.
  public var source: String
  /// With the parameters that it must have; others are free.
  public var workload: Workload
  public var metric: String
  public var path: Path
  /// The least ratio that meets the claim, above 0; of a claim about a count the highest one, 0 or more.
  public var margin: Double
  public var verdict: ClaimVerdict
  /// How it was tested; nil, as in records of earlier versions, means non-inferiority or superiority by the margin.
  public var test: ClaimTest?
  /// What is 1.0; nil means the native machine.
  public var reference: Path?
  /// The values of parameters that the reference has instead of the claim's own; nil for the same work.
  public var referenceParameters: [String: ParameterValue]?
  /// What the verdict means for the whole; nil means for information.
  public var requirement: ClaimRequirement?
  /// Two-sided level of the interval, after what Holm's procedure and a declared extension took; nil where there is none.
  public var level: Double?
  /// Blocks that decided it; nil where there are none.
  public var blocks: Int?
  /// Blocks in all that would probably decide an inconclusive claim, by the scatter so far; nil where that cannot be told.
  public var blocksToDecide: Int?
  /// The ratio and its interval; nil where they were not measured. For a claim that something runs, the share of legs that did,
  /// counted and not estimated, so both bounds equal it. For a claim about a count, that count for one operation; both bounds equal
  /// it where it is an integer in every block.
  public var ratio: Double?
  public var low: Double?
  public var high: Double?
  /// Why the verdict is inconclusive, where the interval alone does not say.
  public var reason: String?

  public init(
    id: String, text: String, source: String, workload: Workload, metric: String,
    path: Path, margin: Double, verdict: ClaimVerdict, ratio: Double? = nil, low: Double? = nil,
    high: Double? = nil, reason: String? = nil
  ) {
    self.id = id
    self.text = text
    self.source = source
    self.workload = workload
    self.metric = metric
    self.path = path
    self.margin = margin
    self.verdict = verdict
    self.ratio = ratio
    self.low = low
    self.high = high
    self.reason = reason
  }
}

// Flat: the fields of `path` and `workload` stand among the record's own.
extension ClaimRecord: Codable {
  private enum Field: String, CodingKey {
    case id, text, source, metric, margin, verdict, test, reference, referenceParameters, requirement, level, blocks,
      blocksToDecide,
      ratio, low, high, reason
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    path = try Path(from: decoder)
    workload = try Workload(from: decoder)
    id = try fields.value(.id)
    text = try fields.value(.text)
    source = try fields.value(.source)
    metric = try fields.value(.metric)
    margin = try fields.value(.margin)
    verdict = try fields.value(.verdict)
    test = try fields.optional(.test)
    reference = try fields.optional(.reference)
    referenceParameters = try fields.optional(.referenceParameters)
    requirement = try fields.optional(.requirement)
    level = try fields.optional(.level)
    blocks = try fields.optional(.blocks)
    blocksToDecide = try fields.optional(.blocksToDecide)
    ratio = try fields.optional(.ratio)
    low = try fields.optional(.low)
    high = try fields.optional(.high)
    reason = try fields.optional(.reason)
  }

  public func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(id, forKey: .id)
    try fields.encode(text, forKey: .text)
    try fields.encode(source, forKey: .source)
    try fields.encode(metric, forKey: .metric)
    try fields.encode(margin, forKey: .margin)
    try fields.encode(verdict, forKey: .verdict)
    try fields.encodeIfPresent(test, forKey: .test)
    try fields.encodeIfPresent(reference, forKey: .reference)
    try fields.encodeIfPresent(referenceParameters, forKey: .referenceParameters)
    try fields.encodeIfPresent(requirement, forKey: .requirement)
    try fields.encodeIfPresent(level, forKey: .level)
    try fields.encodeIfPresent(blocks, forKey: .blocks)
    try fields.encodeIfPresent(blocksToDecide, forKey: .blocksToDecide)
    try fields.encodeIfPresent(ratio, forKey: .ratio)
    try fields.encodeIfPresent(low, forKey: .low)
    try fields.encodeIfPresent(high, forKey: .high)
    try fields.encodeIfPresent(reason, forKey: .reason)
  }
}

/// What a claim's verdict means for the whole.
public enum ClaimRequirement: String, Codable, Sendable, CaseIterable {
  /// Must hold. Blockers share their error (Holm), so that many of them are no easier to meet by luck than one.
  case blocker
  /// Should hold; a fail counts, an undecided one does not hold anything up.
  case nonBlocker = "non-blocker"
  /// For information.
  case optional
}

/// How a claim is put to the data.
public enum ClaimTest: String, Codable, Sendable, CaseIterable {
  /// The ratio is at least a margin of at most 1: "near", "within 5 %".
  case nonInferiority = "non-inferiority"
  /// The ratio is at least a margin of 1 or more: "faster", "a third faster".
  case superiority
  /// The workload runs to its end and verifies its data, on the claim's machine and on the reference; nothing is timed.
  case runs
  /// A count for one operation is at most the margin, 0 or more: exits, interrupts, doorbells. It needs no reference, and a busy
  /// host changes little of it.
  case count
}

extension ClaimTest {
  /// Whether it holds figures against a reference's, by their ratio.
  public var isOfRatio: Bool {
    switch self {
    case .nonInferiority, .superiority: true
    case .runs, .count: false
    }
  }
}

/// What the data say about a claim.
public enum ClaimVerdict: String, Codable, Sendable, CaseIterable {
  case pass, fail, inconclusive
}

extension ClaimRecord {
  /// Whether a comparison is one that the claim is about. A claim that holds one mode against another has none.
  public func speaks(of comparison: ComparisonRecord) -> Bool {
    let reference = reference ?? .native
    return referenceParameters == nil && comparison.reference == reference.machine
      && (reference.isNative || reference.mode == path.mode) && isAbout(comparison)
  }

  /// The same of a comparison of variants.
  public func speaks(of variant: VariantRecord) -> Bool {
    let workload = variant.comparison.workload
    return referenceParameters.map { workload.with($0) == workload.with(variant.against) } ?? false
      && (reference ?? .native) == path && isAbout(variant.comparison)
  }

  private func isAbout(_ comparison: ComparisonRecord) -> Bool {
    test?.isOfRatio ?? true && comparison.path == path && comparison.metric == metric
      && workload.covers(comparison.workload)
  }

  /// What the ratio is over: `native`, `nearmetal paravirtual`, `format=raw`; with both where both differ.
  public var referenceText: String {
    let path = reference ?? .native
    guard let referenceParameters else { return path.description }
    let parameters = Workload("", referenceParameters).parameterText
    return path == self.path ? parameters : "\(path) with \(parameters)"
  }
}
