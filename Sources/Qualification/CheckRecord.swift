import Results

/// `checks/ID/check.json`: what a functional check saw.
public struct CheckRecord: Codable, Sendable, Equatable {
  /// One guest, or one leg.
  public struct Observation: Codable, Sendable, Equatable {
    /// What was tried.
    public var what: String
    public var status: LegStatus
    /// Why it failed or was skipped; a remark where it is ok; nil where there is nothing to say.
    public var reason: String?

    public init(what: String, status: LegStatus, reason: String? = nil) {
      self.what = what
      self.status = status
      self.reason = reason
    }
  }

  public var id: String
  public var observations: [Observation]

  public init(id: String, observations: [Observation] = []) {
    self.id = id
    self.observations = observations
  }

  /// Reads the file's bytes; messages call the file `path`.
  public static func decode(_ bytes: [UInt8], path: String) throws(QualificationError) -> CheckRecord {
    try JSONFile.decode(bytes, path: path)
  }

  /// The observations of a check that is a run: a leg is one.
  public init(id: String, _ result: RunResult) {
    self.init(
      id: id, observations: result.legs.map { Observation(what: $0.id, status: $0.status, reason: $0.reason) })
  }

  /// One failure fails the check; nothing that went through leaves it skipped.
  var finding: (outcome: Outcome, reason: String) {
    let failed = observations.filter { $0.status == .failed }
    if let first = failed.first {
      return (.fail, "\(failed.count) of \(observations.count) failed, first \(first.what): \(first.reason ?? "")")
    }
    let passed = observations.filter { $0.status == .ok }
    let skipped = observations.first { $0.status == .skipped }
    guard !passed.isEmpty else { return (.skip, skipped?.reason ?? "nothing was tried") }
    let remark = skipped.map { "; \(observations.count - passed.count) skipped, first \($0.what): \($0.reason ?? "")" }
    let notes = Set(passed.compactMap(\.reason)).sorted()
    return (.pass, (["\(passed.count) went through\(remark ?? "")"] + notes).joined(separator: "; "))
  }
}
