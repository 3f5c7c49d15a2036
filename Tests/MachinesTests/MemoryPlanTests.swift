import LinuxSystem
import Results
import TestSupport
import Testing
import Topology

@testable import Machines

@Suite struct MemoryPlanTests {
  private func record(_ change: (inout MemoryRecord) -> Void) -> MemoryRecord {
    var record = MemoryRecord(node: 1, hugePages: "thp")
    (record.boundTo, record.nodes) = (1, ["1": 1])
    (record.residentBytes, record.hugeBytes) = (8 << 20, 4 << 20)
    change(&record)
    return record
  }

  private func plan(_ pages: MemoryPages = .transparent, nodes: Int = 2) -> MemoryPlan {
    MemoryPlan(pages: pages, node: 1, nodeCount: nodes)
  }

  @Test func memoryWherePlannedRaisesNoDoubt() {
    #expect(plan().doubts(record { _ in }).isEmpty)
    #expect(MemoryPlan(pages: .transparent, node: nil, nodeCount: 0).doubts(record { $0.nodes = ["7": 1] }).isEmpty)
  }

  @Test func aLegThatAContainersLimitHasNoRoomForIsRefusedBefore() throws {
    let host = try HostTreeFolder([
      "/proc/self/cgroup": "0::/\n", "/proc/meminfo": "MemAvailable: 4194304 kB\n",
      "/sys/fs/cgroup/memory.max": "268435456\n", "/sys/fs/cgroup/memory.current": "67108864\n",
    ])
    let plan = MemoryPlan(pages: .small, node: nil, nodeCount: 1)
    #expect(plan.obstacle(bytes: 128 << 20, files: host.files) == nil)
    let obstacle = try #require(plan.obstacle(bytes: 256 << 20, files: host.files))
    #expect(obstacle.contains("a leg needs 288 MiB, and 192 MiB are available here"))
  }

  @Test func memoryElsewhereIsSaid() {
    let elsewhere = plan().doubts(record { $0.nodes = ["1": 0.75, "0": 0.25] })
    #expect(elsewhere == ["25.0 % of the memory lies on other nodes than node 1"])
  }

  @Test func memoryThatIsBoundNowhereIsSaidWhereThereIsAChoice() {
    let unbound = record { ($0.boundTo, $0.reason) = (nil, "not permitted") }
    #expect(plan().doubts(unbound) == ["the memory is not bound to node 1: not permitted"])
    #expect(plan(nodes: 1).doubts(unbound).isEmpty)
  }

  @Test func otherPagesThanAskedForAreSaid() {
    #expect(plan(.small).doubts(record { _ in }) == ["4 MiB lie on huge pages in spite of huge pages \"none\""])
    #expect(plan(.reserved).doubts(record { _ in }) == ["4096 KiB of the memory are not on reserved pages"])
    // Of transparent ones the kernel gives what it finds; the result says how many.
    #expect(plan(.transparent).doubts(record { $0.hugeBytes = 0 }).isEmpty)
  }

  @Test func tooFewReservedPagesAreAnObstacleThatSaysHowToGetThem() throws {
    let folder = "/sys/devices/system/node/node1/hugepages/hugepages-2048kB"
    let tree = try HostTreeFolder(["\(folder)/free_hugepages": "31\n"])
    let text = try #require(plan(.reserved).obstacle(bytes: 64 << 20, files: tree.files))
    #expect(text.contains("32 free pages of 2 MiB are needed on node 1, there are 31"))
    #expect(text.contains("\(folder)/nr_hugepages"))
    #expect(plan(.reserved).obstacle(bytes: 62 << 20, files: tree.files) == nil)
    let without = try HostTreeFolder([:])
    #expect(plan(.reserved).obstacle(bytes: 2 << 20, files: without.files)?.contains("CONFIG_HUGETLBFS") == true)
  }

  @Test func aFullNodeIsAnObstacleInsteadOfTheEndOfTheProcess() throws {
    let tree = try HostTreeFolder([
      "/sys/devices/system/node/node1/meminfo":
        "Node 1 MemFree:  20480 kB\nNode 1 Inactive(file):  20480 kB\n"
    ])
    #expect(plan().obstacle(bytes: 32 << 20, files: tree.files) == nil)
    #expect(plan().obstacle(bytes: 40 << 20, files: tree.files)?.hasPrefix("NUMA node 1 has 40 MiB free") == true)
    #expect(plan(nodes: 1).obstacle(bytes: 40 << 20, files: tree.files) == nil)
  }

  @Test func memoryOfThisHostIsSettledAndFound() throws {
    let memory = try Mapping.anonymous(count: 4 << 20, alignment: 2 << 20, pages: .small)
    let start = UInt(bitPattern: unsafe memory.base)
    let nodes = ((try? NUMANode.all()) ?? []).filter { $0.memory > 0 }
    let plan = MemoryPlan(pages: .small, node: nodes.first?.id, nodeCount: nodes.count)
    let range = start..<start + UInt(memory.count)
    let problem = try plan.settle([range])
    for offset in stride(from: 0, to: 1 << 20, by: 4096) {
      unsafe memory.base.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
    }
    let record = plan.record([range], problem: problem)
    #expect(problem == nil ? record.boundTo == nodes.first?.id : record.reason != nil)
    #expect(record.residentBytes! >= 1 << 20 && record.hugeBytes == 0)
    if problem == nil { #expect(plan.doubts(record).isEmpty) }
  }
}
