import Definitions
import LinuxSystem
import Results
import Testing
import Topology

@testable import Runner

@Suite struct NodeMatrixTests {
  private let topology = CPUTopology(
    cpus: (0..<6).map { LogicalCPU(id: $0, package: $0 / 2, core: $0 % 2, siblings: [$0], node: $0 / 2) })
  private let nodes = [
    NUMANode(id: 0, cpus: [0, 1], memory: 1 << 30, distances: [10, 20, 20]),
    NUMANode(id: 1, cpus: [2, 3], memory: 1 << 30, distances: [20, 10, 20]),
    NUMANode(id: 2, cpus: [4, 5], memory: 0, distances: [20, 20, 10]),
  ]

  private func suite() throws -> Definitions.Suite {
    try SuiteReader.parse(
      "name: s\nblocks: 1\nplacements: matrix\nworkloads: [memory.copy, exits.cpuid]", path: "s.yaml")
  }

  @Test func crossesEveryNodeOfCPUsWithEveryNodeOfMemory() throws {
    let expanded = try NodeMatrix.expand(try suite(), allowed: Array(0..<6), topology: topology, nodes: nodes)
    let places = expanded.entries.filter { $0.workload.id == "memory.copy" }
    #expect(
      Set(places.map { "\($0.workload["cpu.node"]!) \($0.workload["memory.node"]!)" }) == [
        "0 0", "0 1", "1 0", "1 1", "2 0", "2 1",
      ])
    let remote = try #require(places.first { $0.workload.parameters == ["cpu.node": "1", "memory.node": "0"] })
    #expect(remote.placement == EntryPlacement(vcpu: 2, io: 3, node: 1, memory: 0))
    // The parameters are for people and for pairing; the probe is told none of them.
    #expect(places.allSatisfy { $0.numbers.isEmpty })
  }

  @Test func aBootHasOnePlace() throws {
    let expanded = try NodeMatrix.expand(try suite(), allowed: Array(0..<6), topology: topology, nodes: nodes)
    let sessions = Plan(expanded, seed: 1).sessions
    #expect(sessions.allSatisfy { Set($0.legs.map(\.entry.placement)).count == 1 })
    let legs = sessions.flatMap(\.legs)
    #expect(Set(legs.map(\.id)).count == legs.count && legs.count == 6 * (3 + 2))
  }

  @Test func oneNodeIsAReasonAndNoError() throws {
    let problem = #expect(throws: Unavailable.self) {
      try NodeMatrix.expand(try suite(), allowed: [0, 1], topology: topology, nodes: [nodes[0], nodes[2]])
    }
    #expect(problem?.reason.contains("this host has one (0)") == true)
  }

  @Test func nodesWithoutTwoAllowedCPUsAreLeftOut() throws {
    let some = try NodeMatrix.expand(try suite(), allowed: [0, 2, 3], topology: topology, nodes: nodes)
    #expect(Set(some.entries.compactMap { $0.workload["cpu.node"] }) == ["1"])
    #expect(throws: Unavailable.self) {
      try NodeMatrix.expand(try suite(), allowed: [0, 2, 4], topology: topology, nodes: nodes)
    }
  }
}
