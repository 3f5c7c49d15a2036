import Definitions
import Results
import Testing

@testable import Qualification

@Suite("Outcomes")
struct OutcomeTests {
  private func requirement(_ outcome: Outcome, _ requirement: ClaimRequirement) -> RequirementRecord {
    RequirementRecord(id: "x", kind: .host, text: "", requirement: requirement, outcome: outcome, reason: "")
  }

  @Test func blockersAloneDecide() {
    #expect(Qualified([requirement(.pass, .blocker), requirement(.fail, .nonBlocker)]) == .qualified)
    #expect(Qualified([requirement(.pass, .blocker), requirement(.undecided, .blocker)]) == .undecided)
    #expect(Qualified([requirement(.skip, .blocker)]) == .undecided)
    for outcome in [Outcome.fail, .crash, .notSupported] {
      #expect(Qualified([requirement(outcome, .blocker), requirement(.undecided, .blocker)]) == .notQualified)
    }
  }

  @Test func oneFailureFailsACheckAndNothingDoneSkipsIt() {
    let ok = CheckRecord.Observation(what: "a", status: .ok)
    let failed = CheckRecord.Observation(what: "b", status: .failed, reason: "wrong byte")
    let skipped = CheckRecord.Observation(what: "c", status: .skipped, reason: "one CPU")
    #expect(CheckRecord(id: "x", observations: [ok, failed]).finding.outcome == .fail)
    #expect(CheckRecord(id: "x", observations: [ok, failed]).finding.reason.contains("b: wrong byte"))
    #expect(CheckRecord(id: "x", observations: [ok, skipped]).finding.outcome == .pass)
    #expect(CheckRecord(id: "x", observations: [skipped]).finding.outcome == .skip)
  }

  @Test func aCrashIsTheOutcomeOfItsStep() throws {
    let profile = try ProfileReader.read("qualify-smoke")
    let host = HostEvidence(fingerprint: "0", backend: .vmx)
    var evidence = QualificationEvidence(profile: profile, host: host)
    evidence.crashes = ["check.soak": "the host went down", "performance": "the host went down"]
    let records = QualificationJudge.decide(evidence)
    #expect(records.first { $0.id == "check.soak" }?.outcome == .crash)
    #expect(records.first { $0.id == "check.smp" }?.outcome == .undecided)
    #expect(records.filter { $0.kind == .claim }.allSatisfy { $0.outcome == .crash })
  }
}
