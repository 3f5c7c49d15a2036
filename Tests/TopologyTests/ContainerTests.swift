import CLinux
import LinuxSystem
import Synchronization
import Testing

@testable import Topology

/// Limits and filters of containers.
@Suite struct ContainerTests {
  @Test func limitsOfVersionTwoAreTheLeastOfTheGroupAndThoseAbove() throws {
    var host = RecordedHost()
    host.files["/proc/self/cgroup"] = "0::/a/b\n"
    host.files["/sys/fs/cgroup/a/memory.max"] = "1073741824\n"
    host.files["/sys/fs/cgroup/a/b/memory.max"] = "max\n"
    host.files["/sys/fs/cgroup/a/cpu.max"] = "max 100000\n"
    host.files["/sys/fs/cgroup/a/b/cpu.max"] = "150000 100000\n"
    let limits = try host.read { ControlGroup(files: $0) }
    #expect(limits.memory == 1 << 30)
    #expect(limits.processors == 1.5)
  }

  @Test func whatALimitLeavesIsAvailableAndNoMoreThanTheHostHas() throws {
    var host = RecordedHost()
    host.files["/proc/self/cgroup"] = "0::/a\n"
    host.files["/proc/meminfo"] = "MemAvailable: 4194304 kB\n"
    host.files["/sys/fs/cgroup/a/memory.max"] = "1073741824\n"
    host.files["/sys/fs/cgroup/a/memory.current"] = "805306368\n"
    host.files["/sys/fs/cgroup/a/memory.stat"] = "anon 1\ninactive_file 268435456\n"
    #expect(try host.read { ControlGroup.available(files: $0) } == 512 << 20)
    host.files["/proc/meminfo"] = "MemAvailable: 262144 kB\n"
    #expect(try host.read { ControlGroup.available(files: $0) } == 256 << 20)
    host.files["/sys/fs/cgroup/a/memory.max"] = "max\n"
    #expect(try host.read { ControlGroup.available(files: $0) } == 256 << 20)
  }

  @Test func limitsOfVersionOneAreRead() throws {
    var host = RecordedHost()
    host.files["/proc/self/cgroup"] = "5:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n0::/\n"
    // In a container the host's path is not there; the root is the container's own.
    host.files["/sys/fs/cgroup/memory/memory.limit_in_bytes"] = "536870912\n"
    host.files["/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us"] = "50000\n"
    host.files["/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us"] = "100000\n"
    let limits = try host.read { ControlGroup(files: $0) }
    #expect(limits.memory == 512 << 20)
    #expect(limits.processors == 0.5)
  }

  @Test func noLimitIsNone() throws {
    var host = RecordedHost()
    host.files["/proc/self/cgroup"] = "5:memory:/\n4:cpu:/\n"
    host.files["/sys/fs/cgroup/memory/memory.limit_in_bytes"] = "9223372036854771712\n"
    host.files["/sys/fs/cgroup/cpu/cpu.cfs_quota_us"] = "-1\n"
    host.files["/sys/fs/cgroup/cpu/cpu.cfs_period_us"] = "100000\n"
    let limits = try host.read { ControlGroup(files: $0) }
    #expect(limits.memory == nil && limits.processors == nil)
  }

  @Test func limitsAreFactsAndNoPartOfTheFingerprint() throws {
    var host = RecordedHost.intelTwoSockets
    let outside = try host.read { HostInventory.collect(files: $0) }
    host.files["/proc/self/cgroup"] = "0::/\n"
    host.files["/sys/fs/cgroup/memory.max"] = "1073741824\n"
    host.files["/sys/fs/cgroup/cpu.max"] = "100000 100000\n"
    host.files["/.dockerenv"] = ""
    let inside = try host.read { HostInventory.collect(files: $0) }
    #expect(inside["container.kind"]?.value == "Docker")
    #expect(inside["container.memory"]?.value == "1 GiB")
    #expect(inside["container.cpus"]?.value == "1.0 processors")
    #expect(inside["container.cpus"]?.remedy?.contains("--cpuset-cpus") == true)
    #expect(inside.fingerprint == outside.fingerprint)
  }

  /// On a thread of its own, which alone gets the filter.
  private func refusing<T: Sendable>(
    _ call: nm_filtered_call, _ code: Int32, _ body: @escaping @Sendable () -> T
  ) throws -> T {
    let slot = Mutex<T?>(nil)
    let thread = try PinnedThread(name: "filtered") {
      #expect(nm_refuse_call(call, code) == 0)
      let value = body()
      slot.withLock { $0 = value }
    }
    thread.join()
    return try #require(slot.withLock { $0 })
  }

  @Test(arguments: [EPERM, ENOSYS])
  func aFilterIsToldFromASwitch(code: Int32) throws {
    let calls: [(nm_filtered_call, SystemCallFilter.Call)] = [
      (NM_CALL_IO_URING, .ioUring), (NM_CALL_PERF_EVENT_OPEN, .perfEvents), (NM_CALL_GET_MEMPOLICY, .memoryPolicy),
      (NM_CALL_MBIND, .bindMemory), (NM_CALL_MOVE_PAGES, .movePages), (NM_CALL_USERFAULTFD, .userFaults),
    ]
    for (number, call) in calls {
      let refused = try refusing(number, code) { SystemCallFilter.Call.allCases.filter(SystemCallFilter.refuses) }
      #expect(refused.contains(call))
      #expect(SystemCallFilter.advice([call]).contains(call.rawValue))
    }
  }

  @Test func withoutTheMemoryPolicyTheNodesAreStillThere() throws {
    let outside = try NUMANode.all().map(\.id)
    let inside = try refusing(NM_CALL_GET_MEMPOLICY, EPERM) { try? NUMANode.all().map(\.id) }
    #expect(inside == outside)
  }

  @Test func aRefusedRingIsTheFiltersAndNoSwitchs() throws {
    let fact = try refusing(NM_CALL_IO_URING, EPERM) { HostInventory.collect()["kernel.ioUring"] }
    guard SystemCallFilter.refuses(.ioUring) == false else { return }
    #expect(fact?.reason?.contains("seccomp") == true)
    #expect(fact?.remedy?.contains("sysctl kernel") == false)
  }

  @Test func theFingerprintIsTheSameUnderAFilter() throws {
    let outside = HostInventory.collect().fingerprint
    for call in [NM_CALL_IO_URING, NM_CALL_PERF_EVENT_OPEN, NM_CALL_GET_MEMPOLICY, NM_CALL_MBIND, NM_CALL_MOVE_PAGES] {
      #expect(try refusing(call, EPERM) { HostInventory.collect().fingerprint } == outside)
    }
  }
}
