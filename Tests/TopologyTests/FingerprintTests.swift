import Testing
import Topology

@Suite struct FingerprintTests {
  private func collect(_ change: (inout RecordedHost) -> Void = { _ in }) throws -> HostInventory {
    var host = RecordedHost.intelTwoSockets
    change(&host)
    return try host.read { HostInventory.collect(files: $0) }
  }

  @Test func isTheSameForTheSameHost() throws {
    let fingerprint = try collect().fingerprint
    #expect(fingerprint.count == 16)
    #expect(try collect().fingerprint == fingerprint)
  }

  @Test(arguments: [
    ("/proc/sys/kernel/osrelease", "6.12.0\n"), ("/sys/module/kvm_intel/parameters/ept", "N\n"),
    ("/sys/devices/system/cpu/vulnerabilities/meltdown", "Mitigation: PTI\n"), ("/proc/loadavg", "9 9 9 1/1 1\n"),
    ("/sys/class/dmi/id/bios_version", "2.0\n"),
  ])
  func staysWhenTheKernelTheFirmwareOrTheLoadChanges(path: String, text: String) throws {
    let (before, after) = (try collect(), try collect { $0.files[path] = text })
    #expect(after.fingerprint == before.fingerprint)
    #expect(after.differences(from: before).isEmpty)
  }

  @Test(arguments: [
    ("/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n", "power.boost"),
    ("/sys/devices/system/cpu/smt/control", "off\n", "cpu.smt"),
    ("/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n", "clock.current"),
    ("/proc/meminfo", "MemTotal: 131072000 kB\n", "memory.total"),
  ])
  func changesWithTheMachineAndItsSpeed(path: String, text: String, id: String) throws {
    let (before, after) = (try collect(), try collect { $0.files[path] = text })
    #expect(after.fingerprint != before.fingerprint)
    #expect(after.differences(from: before).map(\.id) == [id])
  }

  @Test func staysAcrossBoots() throws {
    // What another boot of the same machine and kernel changes: counts, orders, a little memory, what is free.
    let (before, after) = (
      try collect(),
      try collect { host in
        host.files["/proc/meminfo"] = "MemTotal: 263825900 kB\nMemAvailable: 1 kB\n"
        host.files["/proc/stat"] = "cpu  1 0 1 7 0 0 0 1 0 0\n"
        host.files["/proc/interrupts"] = "    CPU0 CPU1 CPU2 CPU3 CPU4 CPU5 CPU6 CPU7\n 77: 1 2 3 4 5 6 7 8 other\n"
        host.files["/proc/self/mounts"] = ""
        host.files["/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"] = "0\n"
        host.files["/sys/devices/system/node/node0/meminfo"] = "Node 0 MemTotal: 131000 kB\n"
        // Another order of discovery gives devices other names.
        host.links["/sys/class/block/nvme7n1"] = host.links.removeValue(forKey: "/sys/class/block/nvme0n1")
      }
    )
    #expect(after.fingerprint == before.fingerprint)
    #expect(after.differences(from: before, where: { _ in true }).count > 3)
  }

  @Test func memoryIsWhatIsInstalledWhateverTheKernelOrABalloonTakes() throws {
    func collect(_ available: Int) throws -> HostInventory {
      try self.collect { host in
        let folder = "/sys/devices/system/memory"
        host.files["\(folder)/block_size_bytes"] = "8000000\n"
        for block in 0..<16 { host.files["\(folder)/memory\(block)/state"] = block < 12 ? "online\n" : "offline\n" }
        host.files["/proc/meminfo"] = "MemTotal: \(available) kB\n"
      }
    }
    let (before, after) = (try collect(1_573_000), try collect(1_571_000))
    #expect(before["memory.total"]?.value == "1.5 GiB")
    #expect(after.fingerprint == before.fingerprint)
  }

  @Test func showsAChangedKernelAsASubjectOfTheComparison() throws {
    let after = try collect { $0.files["/proc/sys/kernel/osrelease"] = "6.12.0\n" }
    let differences = after.differences(from: try collect(), where: Fingerprint.isSubject)
    // The configuration is found by the release: it goes with it.
    #expect(differences.map(\.id) == ["kernel.release", "kernel.configuration"])
    #expect(differences.first?.this == "6.12.0")
  }

  @Test func aFactIsIdentityOrSubjectNeverBoth() {
    #expect(Fingerprint.identity.filter(Fingerprint.isSubject).isEmpty)
  }
}
