import Results
import Testing

@testable import Verdicts

@Suite struct ExitNamesTests {
  private let workload = Workload("block.randread", ["qd": "1"])
  private let path = Path(.nearmetal, .emulated)

  /// What a result whose counting pass counted these, in 10 operations, says of the exits.
  private func note(_ counts: [String: UInt64], operations: UInt64 = 10) -> String? {
    var result = AttributionMadeUp().result
    result.counted = [
      CountedRecord(
        path: path, workload: workload, operations: operations,
        counters: counts.sorted { $0.key < $1.key }.map {
          CounterRecord(name: $0.key, domain: .kvm, value: $0.value, status: .counted)
        })
    ]
    return ExitNames(workload, path, in: result)?.note
  }

  @Test func exitsThatTheBackendTracesHaveTheirNames() {
    let note = note([
      "vcpu.exits": 121, "kvm:kvm_exit": 121, "kvm:kvm_exit{exit_reason=IO_INSTRUCTION}": 110,
      "kvm:kvm_exit{exit_reason=APIC_ACCESS}": 10, "kvm:kvm_exit{exit_reason=EXTERNAL_INTERRUPT}": 1,
    ])
    #expect(
      note
        == "exits an operation by name (kvm:kvm_exit): IO_INSTRUCTION 11.00, APIC_ACCESS 1.00, EXTERNAL_INTERRUPT 0.10")
  }

  @Test func exitsThatABackendDoesNotTraceAreToldByWhatKVMHandled() {
    let note = note([
      "vcpu.exits": 120, "kvm:kvm_exit": 0, "kvm:kvm_pio": 110, "kvm:kvm_mmio": 10, "vcpu.halt_exits": 0,
    ])
    #expect(
      note == "exits an operation: 12.00; the module of this backend names none of them (kvm:kvm_exit stays 0); "
        + "KVM handled port accesses 11.00, register accesses 1.00")
  }

  @Test func withoutACountThereIsNoSentence() {
    #expect(note([:]) == nil)
    #expect(note(["vcpu.exits": 0]) == nil)
    #expect(note(["vcpu.exits": 5], operations: 0) == nil)
    #expect(ExitNames(workload, Path(.nearmetal, .polled), in: AttributionMadeUp().result) == nil)
  }

  @Test func aSplitEndsWithThem() throws {
    var run = AttributionMadeUp()
    try run.add(.native, .native) { _ in 1000 }
    try run.add(.nearmetal, .emulated, counts: ["monitor.port_writes": 800]) { _ in 251_000 }
    var result = run.result
    let subject = try #require(result.legs.last)
    result.counted = [
      CountedRecord(
        path: subject.path, workload: subject.workload, operations: 2,
        counters: [CounterRecord(name: "vcpu.exits", domain: .kvm, value: 24, status: .counted)])
    ]
    let record = try #require(Attribution.explain(result).first)
    #expect(record.notes.last?.hasPrefix("exits an operation: 12.00") == true, "\(record.notes)")
  }
}
