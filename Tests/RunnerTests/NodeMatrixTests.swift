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

  private func suite() throws -> Runner.Suite {
    try SuiteReader.parse(
      "name: s\nblocks: 1\nplacements: matrix\nworkloads: [memory.copy, exits.cpuid]", path: "s.yaml")
  }

  @Test func crossesEveryNodeOfCPUsWithEveryNodeOfMemory() throws {
    let expanded = try NodeMatrix.expand(try suite(), allowed: Array(0..<6), topology: topology, nodes: nodes)
    let places = expanded.entries.filter { $0.workload == "memory.copy" }
    #expect(
      Set(places.map { "\($0.parameters["cpu.node"]!) \($0.parameters["memory.node"]!)" }) == [
        "0 0", "0 1", "1 0", "1 1", "2 0", "2 1",
      ])
    let remote = try #require(places.first { $0.parameters == ["cpu.node": "1", "memory.node": "0"] })
    #expect(remote.nodes == NodePair(vcpu: 2, io: 3, memory: 0))
    // The parameters are for people and for pairing; the probe is told none of them.
    #expect(places.allSatisfy { $0.values.isEmpty })
  }

  @Test func aBootHasOnePlace() throws {
    let expanded = try NodeMatrix.expand(try suite(), allowed: Array(0..<6), topology: topology, nodes: nodes)
    let sessions = Plan(expanded, seed: 1).sessions
    #expect(sessions.allSatisfy { Set($0.legs.map(\.entry.nodes)).count == 1 })
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
    #expect(Set(some.entries.compactMap { $0.parameters["cpu.node"] }) == ["1"])
    #expect(throws: Unavailable.self) {
      try NodeMatrix.expand(try suite(), allowed: [0, 2, 4], topology: topology, nodes: nodes)
    }
  }

  @Test func aRepeatedLegHasAnIdAndAJobOfItsOwn() throws {
    let plan = Plan(try suite(), seed: 1)
    let legs = plan.sessions.flatMap(\.legs)
    let again = legs.map { $0.repeated(after: legs.count) }
    #expect(Set((legs + again).map(\.id)).count == 2 * legs.count)
    #expect(Set((legs + again).map(\.job)).count == 2 * legs.count)
    #expect(zip(legs, again).allSatisfy { $0.seed == $1.seed && $0.block == $1.block && $1.attempt == 2 })
  }

  @Test func suitesSayWhichPages() throws {
    let suite = try SuiteReader.parse("name: s\nhugePages: hugetlb\nworkloads: [boot]", path: "s.yaml")
    #expect(suite.pages == .reserved && !suite.isNodeMatrix)
    let wrong = #expect(throws: SuiteError.self) {
      try SuiteReader.parse("name: s\nhugePages: 2MiB\nworkloads: [boot]", path: "s.yaml")
    }
    #expect(wrong?.description == "s.yaml:2: expected none, thp, hugetlb, found 2MiB")
    #expect(throws: SuiteError.self) {
      try SuiteReader.parse("name: s\nplacements: all\nworkloads: [boot]", path: "s.yaml")
    }
  }
}
