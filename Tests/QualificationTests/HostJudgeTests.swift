import Definitions
import Foundation
import LinuxSystem
import Results
import Testing

@testable import Qualification

@Suite("Host requirements")
struct HostJudgeTests {
  private func evidence(
    _ facts: [String: String], unavailable: [String: String] = [:], capabilities: [String: Int] = [:]
  ) -> HostEvidence {
    HostEvidence(
      fingerprint: "0", backend: .vmx, capabilities: capabilities, facts: facts, unavailable: unavailable)
  }

  private func outcome(_ fact: HostFact, _ evidence: HostEvidence) -> Outcome {
    HostJudge.find(fact, HostEvidenceReader(evidence: evidence)).outcome
  }

  @Test func nestedPagingNeedsTheProcessorAndTheModule() {
    let id = "virtualization.flags"
    #expect(
      outcome(.nestedPaging, evidence([id: "vmx ept", "kvm.parameters.kvm_intel": "enable_apicv=Y ept=Y"])) == .pass)
    #expect(outcome(.nestedPaging, evidence([id: "vmx ept", "kvm.parameters.kvm_intel": "ept=N"])) == .fail)
    #expect(outcome(.nestedPaging, evidence([id: "svm npt", "kvm.parameters.kvm_amd": "npt=1"])) == .pass)
    #expect(outcome(.nestedPaging, evidence([id: "svm", "kvm.parameters.kvm_amd": "npt=0"])) == .notSupported)
    #expect(outcome(.nestedPaging, evidence([id: "none"])) == .notSupported)
    #expect(outcome(.nestedPaging, evidence([id: "vmx ept"])) == .undecided)
    #expect(
      outcome(.nestedPaging, evidence([id: "vmx ept", "kvm.parameters.kvm_intel": "ept=(unreadable)"])) == .undecided)
    #expect(outcome(.nestedPaging, evidence([:], unavailable: [id: "no /proc"])) == .undecided)
  }

  @Test func interruptVirtualizationIsWhatTheModuleUses() {
    let id = "virtualization.flags"
    #expect(
      outcome(.interruptVirtualization, evidence([id: "vmx", "kvm.parameters.kvm_intel": "enable_apicv=Y"])) == .pass)
    #expect(
      outcome(.interruptVirtualization, evidence([id: "vmx", "kvm.parameters.kvm_intel": "enable_apicv=N"]))
        == .notSupported)
    #expect(
      outcome(.interruptVirtualization, evidence([id: "svm avic", "kvm.parameters.kvm_amd": "avic=N"])) == .fail)
  }

  @Test func aGuestsMemoryModulesAreNotBelieved() {
    let metal = "no hypervisor: bare metal"
    let id = "virtualization.hypervisor"
    #expect(outcome(.ecc, evidence([id: metal, "memory.correction": "SECDED"])) == .pass)
    #expect(outcome(.ecc, evidence([id: metal, "memory.correction": "Multi-bit ECC"])) == .pass)
    #expect(outcome(.ecc, evidence([id: metal, "memory.correction": "None"])) == .notSupported)
    #expect(outcome(.ecc, evidence([id: metal], unavailable: ["memory.correction": "no"])) == .undecided)
    #expect(outcome(.ecc, evidence([id: "a hypervisor: X", "memory.correction": "Multi-bit ECC"])) == .undecided)
  }

  @Test func numbersAreComparedAndNotGuessed() {
    #expect(outcome(.memory(atLeast: 4096), evidence(["memory.bytes": "4096"])) == .pass)
    #expect(outcome(.memory(atLeast: 4097), evidence(["memory.bytes": "4096"])) == .fail)
    #expect(outcome(.processors(atLeast: 2), evidence(["cpu.threads": "1"])) == .fail)
    #expect(outcome(.processors(atLeast: 2), evidence([:])) == .undecided)
    #expect(outcome(.capability("KVM_CAP_X", atLeast: 2), evidence([:], capabilities: ["KVM_CAP_X": 1])) == .fail)
    #expect(
      outcome(.capability("KVM_CAP_X", atLeast: 1), evidence([:], capabilities: ["KVM_CAP_X": 0])) == .notSupported)
    #expect(outcome(.capability("KVM_CAP_Y", atLeast: 1), evidence([:])) == .undecided)
  }
}
