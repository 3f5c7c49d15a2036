import Definitions
import Foundation
import LinuxSystem
import Results
import SystemPackage
import Testing
import Topology

@testable import Qualification
@testable import Qualifying

@Suite struct HostEvidenceTests {
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
      let requirement = HostRequirement(id: "r", text: "t", requirement: .blocker, fact: fact)
      #expect(HostJudge.decide(requirement, evidence).outcome == .pass, "\(fact)")
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
