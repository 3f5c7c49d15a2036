import Results

/// A sentence that data can decide, as it is declared in a YAML file before anything is measured.
public struct Claim: Codable, Sendable, Equatable {
  /// Unique among the claims that are put to a run.
  public var id: String
  public var text: String
  /// Where it comes from, with the place in a document.
  public var source: String
  /// The workload that tests it now.
  public var workload: String
  /// Parameters that the workload must have; others are free, and it must hold for all of them.
  public var parameters: [String: String]
  public var metric: String
  public var machine: Machine
  public var mode: Mode
  public var reference: ClaimReference
  public var test: ClaimTest
  /// The least ratio that meets the claim, above 0; 1 for one that something runs.
  public var margin: Double
  /// Two-sided level, above 0 and below 1: it errs with half of 1 - level on either side.
  public var level: Double
  public var requirement: ClaimRequirement

  public init(
    id: String, text: String, source: String, workload: String, parameters: [String: String] = [:], metric: String,
    machine: Machine, mode: Mode, reference: ClaimReference = .native, test: ClaimTest = .nonInferiority,
    margin: Double,
    level: Double = 0.95, requirement: ClaimRequirement
  ) {
    self.id = id
    self.text = text
    self.source = source
    self.workload = workload
    self.parameters = parameters
    self.metric = metric
    self.machine = machine
    self.mode = mode
    self.reference = reference
    self.test = test
    self.margin = margin
    self.level = level
    self.requirement = requirement
  }

  /// The claim as a result keeps it, undecided.
  func record(reason: String?) -> ClaimRecord {
    var record = ClaimRecord(
      id: id, text: text, source: source, workload: workload, parameters: parameters, metric: metric, machine: machine,
      mode: mode, margin: margin, verdict: .inconclusive, reason: reason)
    record.test = test
    record.reference = reference
    record.requirement = requirement
    return record
  }
}
