import Results

/// A sentence that data can decide, as it is declared in a YAML file before anything is measured.
public struct Claim: Sendable, Equatable {
  /// Unique among the claims that are put to a run.
  public var id: String
  public var text: String
  /// Where it comes from, with the place in a document.
  public var source: String
  /// The workload that tests it now.
  /// With the parameters that it must have; others are free, and it must hold for all of them.
  public var workload: Workload
  public var metric: String
  public var path: Path
  public var reference: Path
  /// The values of parameters that the reference has instead of the claim's own; empty for the same work.
  public var referenceParameters: [String: ParameterValue] = [:]
  public var test: ClaimTest
  /// The least ratio that meets the claim, above 0; 1 for one that something runs; the highest count of one about a count, 0 or
  /// more.
  public var margin: Double
  /// Two-sided level, above 0 and below 1: it errs with half of 1 - level on either side.
  public var level: Double
  public var requirement: ClaimRequirement

  public init(
    id: String, text: String, source: String, workload: Workload, metric: String,
    path: Path, reference: Path = .native, test: ClaimTest = .nonInferiority,
    margin: Double,
    level: Double = 0.95, requirement: ClaimRequirement
  ) {
    self.id = id
    self.text = text
    self.source = source
    self.workload = workload
    self.metric = metric
    self.path = path
    self.reference = reference
    self.test = test
    self.margin = margin
    self.level = level
    self.requirement = requirement
  }

  /// The claim as a result keeps it, undecided.
  func record(reason: String?) -> ClaimRecord {
    var record = ClaimRecord(
      id: id, text: text, source: source, workload: workload, metric: metric, path: path, margin: margin,
      verdict: .inconclusive, reason: reason)
    record.test = test
    record.reference = reference
    if !referenceParameters.isEmpty { record.referenceParameters = referenceParameters }
    record.requirement = requirement
    return record
  }
}

// Flat: the fields of `path` and `workload` stand among the record's own.
extension Claim: Codable {
  private enum Field: String, CodingKey {
    case id, text, source, metric, reference, referenceParameters, test, margin, level, requirement
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    path = try Path(from: decoder)
    workload = try Workload(from: decoder)
    id = try fields.value(.id)
    text = try fields.value(.text)
    source = try fields.value(.source)
    metric = try fields.value(.metric)
    reference = try fields.value(.reference)
    referenceParameters = try fields.optional(.referenceParameters) ?? [:]
    test = try fields.value(.test)
    margin = try fields.value(.margin)
    level = try fields.value(.level)
    requirement = try fields.value(.requirement)
  }

  public func encode(to encoder: any Encoder) throws {
    try path.encode(to: encoder)
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(id, forKey: .id)
    try fields.encode(text, forKey: .text)
    try fields.encode(source, forKey: .source)
    try fields.encode(metric, forKey: .metric)
    try fields.encode(reference, forKey: .reference)
    if !referenceParameters.isEmpty { try fields.encode(referenceParameters, forKey: .referenceParameters) }
    try fields.encode(test, forKey: .test)
    try fields.encode(margin, forKey: .margin)
    try fields.encode(level, forKey: .level)
    try fields.encode(requirement, forKey: .requirement)
  }
}
