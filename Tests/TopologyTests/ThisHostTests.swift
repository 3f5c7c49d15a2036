import LinuxSystem
import Testing

@testable import Topology

/// Against the kernel that the tests run on.
@Suite struct ThisHostTests {
  @Test func knowsItsProcessor() {
    let inventory = HostInventory.collect()
    for id in ["cpu.vendor", "cpu.model", "cpu.online", "kernel.release", "memory.total", "kvm.backend"] {
      #expect(inventory[id]?.value?.isEmpty == false, "\(id): \(inventory[id]?.text ?? "not collected")")
    }
  }

  @Test func hasOneFingerprintAtATime() {
    #expect(HostInventory.collect().fingerprint == HostInventory.collect().fingerprint)
  }

  @Test func allowedCPUsAreAmongTheOnlineOnes() throws {
    let topology = try CPUTopology()
    for cpu in try CPUAffinity.allowed() {
      let found = try #require(topology[cpu])
      #expect(found.siblings.contains(cpu))
    }
  }

  @Test func libnumaAndSysfsAgreeOnNodes() throws {
    let library = try NUMANode.fromLibrary()
    let files = try NUMANode.fromFiles(HostFiles())
    #expect(library.map(\.id) == files.map(\.id))
    #expect(library.map(\.cpus) == files.map(\.cpus))
    #expect(library.map(\.distances) == files.map(\.distances))
  }

  @Test func placesTwoThreadsOrSaysWhyNot() throws {
    let allowed = try CPUAffinity.allowed()
    let topology = try CPUTopology()
    if allowed.count < 2 {
      #expect(throws: PlacementError.self) { try Placement(.spread, allowed: allowed, topology: topology) }
    } else {
      let placement = try Placement(.spread, allowed: allowed, topology: topology)
      #expect(placement.vcpu != placement.io)
      #expect(allowed.contains(placement.vcpu) && allowed.contains(placement.io))
    }
  }

  @Test func readsItsInterruptCounts() throws {
    let online = try CPUTopology().cpus.map(\.id)
    for row in try InterruptTable().rows { #expect(row.counts.keys.sorted() == online) }
  }
}
