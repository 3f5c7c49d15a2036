import Definitions
import Qualification
import Reports
import Results
import Verdicts

/// Makes everything that a qualification's files say anew from what they measured and saw, and tells where they differ.
struct Recomputation {
  private let files: [String: [UInt8]]
  private let tool: ToolRecord

  init(_ files: [String: [UInt8]], tool: ToolRecord) {
    self.files = files
    self.tool = tool
  }

  /// What is wrong, and what this version cannot tell.
  struct Outcome {
    /// Empty where everything agrees. A file that cannot be read is a finding too, and ends what depends on it.
    var findings: [Finding] = []
    /// Reports that another version of the program worded, and that this one would word otherwise: their figures are those of the
    /// result, which were made anew, and their bytes are those that were signed.
    var wordedOtherwise: [Finding] = []
  }

  func outcome() -> Outcome {
    var outcome = Outcome()
    do throws(Finding) {
      let record = try decode(QualificationRecord.fileName) { (bytes, path) throws(QualificationError) in
        try QualificationRecord.decode(bytes, path: path)
      }
      let profile = try profile(record)
      let host = try decode(HostEvidence.fileName) { (bytes, path) throws(QualificationError) in
        try HostEvidence.decode(bytes, path: path)
      }
      let entries = try decode(JournalFile.name) { (bytes, path) throws(QualificationError) in
        try JournalFile.parse(bytes, path: path)
      }
      outcome.findings += headerFindings(record, entries, host)
      var evidence = QualificationEvidence(profile: profile, host: host)
      let state = JournalState(entries)
      (evidence.crashes, evidence.refusals) = (state.crashes, state.refusals)
      for check in profile.checks where state.finished.contains(check.id) {
        outcome.findings += try take(check, record, &evidence)
      }
      if state.finished.contains(QualificationJudge.performanceStep) {
        let result = try result(ResultStore.fileName)
        outcome.findings += resultFindings(result, ResultStore.fileName, claims: profile.claims, record)
        let reports = reportFindings(result)
        if result.run.tool == tool { outcome.findings += reports } else { outcome.wordedOtherwise += reports }
        evidence.result = result
      }
      outcome.findings += outcomeFindings(record, QualificationJudge.decide(evidence))
    } catch { outcome.findings.append(error) }
    return outcome
  }

  // MARK: Files

  private func decode<Value>(
    _ name: String, _ body: ([UInt8], String) throws(QualificationError) -> Value
  ) throws(Finding) -> Value {
    guard let bytes = files[name] else { throw Finding(name, "is not there") }
    do throws(QualificationError) { return try body(bytes, name) } catch {
      throw Finding(name, "cannot be read: \(error)")
    }
  }

  private func result(_ name: String) throws(Finding) -> RunResult {
    guard let bytes = files[name] else { throw Finding(name, "is not there") }
    do throws(DocumentReadError) { return try ResultStore.decode(bytes, path: name) } catch {
      throw Finding(name, "cannot be read: \(error)")
    }
  }

  private func profile(_ record: QualificationRecord) throws(Finding) -> Profile {
    let name = QualificationRecord.profileName
    guard let bytes = files[name] else { throw Finding(name, "is not there") }
    let profile: Profile
    do throws(DefinitionError) { profile = try ProfileReader.parse(bytes, path: name) } catch {
      throw Finding(name, "cannot be read: \(error)")
    }
    guard profile.sha256 == record.profile.sha256, profile.name == record.profile.name else {
      throw Finding(name, "is another profile than the one that \(QualificationRecord.fileName) names")
    }
    return profile
  }

  private func headerFindings(
    _ record: QualificationRecord, _ entries: [JournalEntry], _ host: HostEvidence
  ) -> [Finding] {
    guard let header = entries.first?.header else { return [] }
    let same: [(String, Bool)] = [
      ("id", header.id == record.id), ("startedAt", header.startedAt == record.startedAt),
      ("profile", header.profile == record.profile), ("subject", header.subject == record.subject),
      ("program", header.program == record.program), ("guest", header.guest == record.guest),
      ("tool", header.tool == record.tool), ("seed", header.seed == record.seed),
      ("fingerprint", header.fingerprint == record.fingerprint && host.fingerprint == record.fingerprint),
    ]
    return same.filter { !$0.1 }.map {
      Finding(QualificationRecord.fileName, "\($0.0) is not what \(JournalFile.name) and \(HostEvidence.fileName) have")
    }
  }

  // MARK: Checks and results

  private func take(
    _ check: FunctionalCheck, _ record: QualificationRecord, _ evidence: inout QualificationEvidence
  ) throws(Finding) -> [Finding] {
    let folder = "checks/\(check.id)"
    let seen = try decode("\(folder)/check.json") { (bytes, path) throws(QualificationError) in
      try CheckRecord.decode(bytes, path: path)
    }
    evidence.checks[check.id] = seen
    guard check.work.isRun else { return [] }
    let result = try result("\(folder)/result.json")
    var findings = resultFindings(result, "\(folder)/result.json", claims: [], record)
    if seen != CheckRecord(id: check.id, result) {
      findings.append(Finding("\(folder)/check.json", "does not say what the legs of \(folder)/result.json say"))
    }
    return findings
  }

  private func resultFindings(
    _ result: RunResult, _ name: String, claims: [Claim], _ record: QualificationRecord
  ) -> [Finding] {
    var findings = ResultRecomputation(result, claims: claims).problems().map { Finding(name, $0) }
    if result.host.fingerprint != record.fingerprint {
      findings.append(Finding(name, "host.fingerprint is not that of \(QualificationRecord.fileName)"))
    }
    if result.run.seed != record.seed {
      findings.append(Finding(name, "run.seed is not that of \(QualificationRecord.fileName)"))
    }
    return findings
  }

  /// Reports that are not what this program makes of the result.
  private func reportFindings(_ result: RunResult) -> [Finding] {
    let made: [ReportWriter.File]
    do throws(ReportError) { made = try ReportWriter.render(result) } catch {
      return [Finding(ResultStore.fileName, "gives no reports: \(error)")]
    }
    return made.compactMap { file in
      guard let kept = files[file.name] else { return Finding(file.name, "is not there") }
      guard kept != file.bytes else { return nil }
      let (old, new) = (result.run.tool, tool)
      let hint =
        old == new ? "" : "; it was made by \(old.version) \(old.revision), and this is \(new.version) \(new.revision)"
      return Finding(
        file.name, "line \(Self.firstDifference(kept, file.bytes)) is not what \(ResultStore.fileName) gives\(hint)")
    }
  }

  /// The first line, from 1, in which two texts differ.
  private static func firstDifference(_ one: [UInt8], _ other: [UInt8]) -> Int {
    let end = zip(one, other).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(one.count, other.count)
    return one[..<end].count { $0 == 0x0a } + 1
  }

  // MARK: Outcomes

  private func outcomeFindings(_ record: QualificationRecord, _ decided: [RequirementRecord]) -> [Finding] {
    let name = QualificationRecord.fileName
    guard record.requirements.map(\.id) == decided.map(\.id) else {
      return [Finding(name, "its requirements are not those of the profile")]
    }
    var findings: [Finding] = []
    for (kept, made) in zip(record.requirements, decided) where kept != made {
      findings.append(
        Finding(
          name,
          "\(kept.id) is \(kept.outcome.rawValue) (\(kept.reason)); the evidence gives \(made.outcome.rawValue) (\(made.reason))"
        ))
    }
    let outcome = Qualified(decided)
    if outcome != record.outcome {
      findings.append(
        Finding(name, "the outcome is \(record.outcome.rawValue); the evidence gives \(outcome.rawValue)"))
    }
    return findings
  }
}

extension Finding: Error {}
