import Foundation
import LinuxSystem
import Results
import SystemPackage
import Testing
import Topology

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

  @Test func aRecordedHostAnswersFromItsFiles() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "host-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: root) }
    for (path, text) in [
      "/sys/class/iommu/dmar0/x": "", "/sys/devices/system/edac/mc/mc0/dimm0/dimm_edac_mode": "SECDED\n",
      "/proc/meminfo": "MemTotal:       1000 kB\n",
      "/proc/cpuinfo": "flags\t: constant_tsc nonstop_tsc vmx ept\n",
      "/sys/module/kvm_intel/parameters/ept": "Y\n",
    ] {
      let folder = URL(filePath: root + path).deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(filePath: root + path))
    }
    let files = HostFiles(root: FilePath(root))
    let evidence = HostEvidence(
      HostInventory.collect(files: files), backend: .vmx, capabilities: [("KVM_CAP_IRQFD", 1)], files: files)
    #expect(evidence.facts["memory.bytes"] == "1024000")
    for fact in [HostFact.iommu, .ecc, .nestedPaging, .virtualizationExtension, .invariantTSC] {
      #expect(outcome(fact, evidence) == .pass, "\(fact)")
    }
  }

  @Test func firmwareTablesAreCheckedAndNotBelieved() {
    let bios: [UInt8] = [0, 5, 0, 0, 1, 0x41, 0, 0]
    let array: [UInt8] = [16, 7, 1, 0, 3, 3, 6, 0, 0]
    #expect(MemoryCorrection.firmware(bios + array) == "Multi-bit ECC")
    #expect(MemoryCorrection.firmware(bios + [16, 7, 1, 0, 3, 4, 6, 0, 0]) == nil)
    for count in 0..<(bios.count + array.count - 2) {
      #expect(MemoryCorrection.firmware(Array((bios + array).prefix(count))) == nil)
    }
    #expect(MemoryCorrection.firmware([16, 0, 0, 0]) == nil)
  }
}
