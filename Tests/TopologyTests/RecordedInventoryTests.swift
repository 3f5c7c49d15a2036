import Foundation
import LinuxSystem
import Testing

@testable import Topology

@Suite struct RecordedInventoryTests {
  // Read once for all cases: a tree is some hundred files.
  static let inventories = Result {
    (
      intel: try RecordedHost.intelTwoSockets.read { HostInventory.collect(files: $0) },
      amd: try RecordedHost.amdGuest.read { HostInventory.collect(files: $0) }
    )
  }
  let intel: HostInventory
  let amd: HostInventory

  init() throws {
    (intel, amd) = try Self.inventories.get()
  }

  @Test(arguments: [
    ("cpu.model", "Intel(R) Xeon(R) Gold 6346 CPU @ 3.10GHz"), ("cpu.vendor", "GenuineIntel"),
    ("cpu.identity", "6, 106, 6"), ("cpu.sockets", "2"), ("cpu.cores", "4"), ("cpu.threads", "8"), ("cpu.smt", "on"),
    ("cpu.caches", "4 x L1d 48K, 2 CPUs each"), ("cpu.tsc", "constant_tsc nonstop_tsc rdtscp"),
    ("virtualization.flags", "vmx ept vpid posted_intr"),
    ("virtualization.hypervisor", "no hypervisor: bare metal"), ("kvm.backend", "vmx"),
    ("kvm.parameters.kvm_intel", "ept=Y nested=N"), ("power.boost", "off"), ("power.driver", "intel_pstate"),
    ("power.governor", "performance on 4-7; powersave on 0-3"), ("clock.current", "hpet"),
    ("memory.total", "252 GiB"), ("memory.thp", "madvise"), ("memory.distances", "10 21; 21 10"),
    ("memory.nodes", "node 0: CPUs 0-1,4-5, 128 MiB; node 1: CPUs 2-3,6-7, 128 MiB"),
    ("memory.hugetlb", "2048kB: 1024, 1000 free"), ("kernel.tracefs", "mounted at /sys/kernel/tracing"),
    ("kernel.configuration", "85944171f73967e8 of /boot/config-6.1.0-37-amd64"),
    ("mitigation.meltdown", "Not affected"),
    (
      "storage.nvme0n1",
      "EXAMPLE SSD 1T9, 1.7 TiB, not rotational, scheduler none, write cache: write through, driver nvme, firmware 7.1a, "
        + "NUMA node 1"
    ),
    ("network.eth0", "driver example_net, 25000 Mb/s, up, MTU 1500, firmware not told, NUMA node 0"),
    ("memory.errorCorrection", "mc0 Example_MC: SECDED"), ("virtualization.iommu", "dmar0, dmar1"),
    ("interrupts.nvme0n1", "2 interrupts, taken by CPU 2 (75 %), CPU 0 (25 %); allowed on CPUs 2-3"),
  ])
  func readsATwoSocketIntelServer(id: String, value: String) {
    #expect(intel[id]?.text == value)
  }

  @Test(arguments: [
    ("cpu.cores", "4"), ("cpu.threads", "4"), ("virtualization.hypervisor", "a hypervisor: QEMU"),
    // Both vendor modules are built in there: the processor's flag decides.
    ("kvm.backend", "svm"), ("virtualization.flags", "svm npt"), ("load.steal", "10 % of CPU time"),
    ("load.average", "0.50 0.25 0.10"), ("memory.nodes", "node 0: CPUs 0-3, 128 MiB"),
  ])
  func readsAVirtualAMDMachine(id: String, value: String) {
    #expect(amd[id]?.text == value)
  }

  @Test func saysWhyAFactIsNotToBeHadInsteadOfInventingOne() {
    #expect(amd["cpu.microcode"]?.value == nil)
    #expect(amd["cpu.microcode"]?.reason == "/proc/cpuinfo has no field \"microcode\"")
    #expect(amd["memory.total"]?.reason == "/proc/meminfo: No such file or directory")
    #expect(amd["firmware.bios_version"]?.text.hasPrefix("unavailable: /sys/class/dmi/id/bios_version") == true)
    #expect(amd.values["cpu.microcode"] == nil && amd.reasons["cpu.microcode"] != nil)
  }

  @Test func namesWhatTheUserCanDo() {
    let amdMissing = Set(amd.missing.map(\.id))
    #expect(amdMissing.isSuperset(of: ["kvm.device", "memory.hugetlb", "kernel.tracefs", "device.vhostNet"]))
    #expect(amd["kvm.device"]?.remedy?.contains("modprobe kvm_amd") == true)
    let intelMissing = Set(intel.missing.map(\.id))
    #expect(intelMissing.isSuperset(of: ["power.governor", "clock.current", "kvm.device"]))
    #expect(intelMissing.isDisjoint(with: ["memory.hugetlb", "kernel.tracefs"]))
  }

  @Test func everyFactHasAnIdOfItsOwnAndAValueOrAReason() {
    for inventory in [intel, amd] {
      let ids = inventory.facts.map(\.id)
      #expect(Set(ids).count == ids.count)
      #expect(inventory.facts.allSatisfy { ($0.value == nil) != ($0.reason == nil) })
      #expect(Set(Fingerprint.identity).isSubset(of: ids))
    }
  }

  @Test func printsTitlesNamesAndTexts() {
    let text = intel.description
    #expect(text.hasPrefix("Processor\n  vendor "))
    #expect(text.contains("\n\nPower and clock\n"))
    #expect(text.contains("unavailable: "))
  }

  @Test(arguments: [
    "/proc/interrupts", "/proc/meminfo", "/sys/devices/system/cpu/online", "/proc/cpuinfo", "/proc/stat",
  ])
  func survivesAFileOfGarbage(path: String) throws {
    try RecordedHost.intelTwoSockets.read { files in
      for garbage in [
        "", "\n", "0-", ": : :", "99999999999999999999", "cpu0 1 2\n", "MemTotal: 18446744073709551615 kB",
      ] {
        try Data(garbage.utf8).write(to: URL(filePath: files.located(path)))
        let flags = HostInventory.collect(files: files)["virtualization.flags"]?.value
        #expect(path == "/proc/cpuinfo" ? flags ?? "none" == "none" : flags == "vmx ept vpid posted_intr")
      }
    }
  }
}
