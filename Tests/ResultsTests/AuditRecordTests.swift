import Results
import Testing

@Suite struct AuditRecordTests {
  private func check(_ counter: String, _ verdict: AuditCheck.Verdict) -> AuditCheck {
    AuditCheck(counter: counter, domain: .kvm, work: "work", known: 1, counted: 1, verdict: verdict)
  }

  @Test func aCounterIsOnlyAsGoodAsItsWorstCheck() {
    let audit = AuditRecord(checks: [
      check("good", .agrees), check("bad", .agrees), check("bad", .explained), check("wrong", .disagrees),
      check("absent", .skipped), check("bad", .disagrees),
    ])
    #expect(audit.trust(of: "good") == .trusted)
    #expect(audit.trust(of: "bad") == .untrusted && audit.trust(of: "wrong") == .untrusted)
    #expect(audit.trust(of: "absent") == .unchecked && audit.trust(of: "never named") == .unchecked)
    #expect(audit.untrusted == ["bad", "wrong"])
  }

  @Test func whatABackendDoesNotKeepIsToldFromWhatAHostCountsWrongly() {
    let audit = AuditRecord(checks: [
      check("good", .agrees), check("unkept", .explained), check("both", .explained), check("both", .disagrees),
    ])
    #expect(audit.untrusted == ["unkept", "both"])
    #expect(audit.untrustedByNature == ["unkept"])
  }

  @Test func aLegsCountersAreMarkedAndKeepTheirValues() {
    let audit = AuditRecord(checks: [check("good", .agrees), check("bad", .disagrees)])
    let counters = ["good", "bad"].map { CounterRecord(name: $0, domain: .kvm, value: 7, status: .counted) }
    let marked = audit.marked(counters)
    #expect(marked.map(\.trust) == [nil, .untrusted])
    #expect(marked.map(\.value) == [7, 7])
  }
}
