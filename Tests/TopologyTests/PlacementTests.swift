import Testing

@testable import Topology

@Suite struct PlacementTests {
  // Read once for all cases: a tree is some hundred files.
  static let topologies = Result {
    (
      intel: try RecordedHost.intelTwoSockets.read { try CPUTopology(files: $0) },
      amd: try RecordedHost.amdGuest.read { try CPUTopology(files: $0) }
    )
  }
  let intel: CPUTopology
  let amd: CPUTopology

  init() throws {
    (intel, amd) = try Self.topologies.get()
  }

  @Test func takesTwoCoresOfOneNodeByDefault() throws {
    let placement = try Placement(allowed: Array(0..<8), topology: intel)
    #expect((placement.vcpu, placement.io) == (0, 1))
  }

  @Test func hasFurtherCPUsOfItsNodeThoseWithACoreOfTheirOwnFirst() throws {
    #expect(try Placement(allowed: Array(0..<8), topology: intel).others == [4, 5])
    #expect(try Placement(.explicit(vcpu: 7, io: 0), allowed: Array(0..<8), topology: intel).others == [2, 3, 6])
    #expect(try Placement(allowed: [0, 1], topology: intel).others.isEmpty)
  }

  @Test func prefersAnotherCoreToASiblingOnTheSameNode() throws {
    let placement = try Placement(allowed: [0, 4, 5], topology: intel)
    #expect((placement.vcpu, placement.io) == (0, 5))
  }

  @Test func takesSiblingsWhereTheNodeHasNothingElse() throws {
    let placement = try Placement(allowed: [0, 2, 6], topology: intel)
    #expect((placement.vcpu, placement.io) == (2, 6))
  }

  @Test func refusesTheSameNodeWhereNoNodeHasTwoCPUs() {
    #expect(throws: PlacementError.noSharedNode([0, 2])) { try Placement(allowed: [0, 2], topology: intel) }
  }

  @Test func findsSiblings() throws {
    let placement = try Placement(.siblings, allowed: [1, 2, 3, 7], topology: intel)
    #expect((placement.vcpu, placement.io) == (3, 7))
  }

  @Test func refusesSiblingsWithoutSMT() {
    #expect(throws: PlacementError.noSiblings([0, 1, 2, 3])) {
      try Placement(.siblings, allowed: Array(0..<4), topology: amd)
    }
  }

  @Test func spreadsOverNodesFirstAndOverCoresElse() throws {
    #expect(try Placement(.spread, allowed: Array(0..<8), topology: intel).io == 2)
    #expect(try Placement(.spread, allowed: [0, 4, 5], topology: intel).io == 5)
    #expect(try Placement(.spread, allowed: [2, 3], topology: amd).vcpu == 2)
  }

  @Test func obeysExplicitCPUs() throws {
    let placement = try Placement(.explicit(vcpu: 7, io: 0), allowed: Array(0..<8), topology: intel)
    #expect((placement.vcpu, placement.io) == (7, 0))
  }

  @Test func refusesExplicitCPUsThatAreOfflineForbiddenOrTheSame() {
    #expect(throws: PlacementError.notAllowed(8, [0, 1])) {
      try Placement(.explicit(vcpu: 0, io: 8), allowed: [0, 1, 8], topology: intel)
    }
    #expect(throws: PlacementError.notAllowed(3, [0, 1])) {
      try Placement(.explicit(vcpu: 3, io: 0), allowed: [0, 1], topology: intel)
    }
    #expect(throws: PlacementError.sameCPU(1)) {
      try Placement(.explicit(vcpu: 1, io: 1), allowed: [0, 1], topology: intel)
    }
  }

  @Test(arguments: [PlacementPolicy.sameNode, .siblings, .spread])
  func saysThatPolledModesNeedTwoWhereThereIsOneCPU(policy: PlacementPolicy) {
    #expect {
      try Placement(policy, allowed: [3], topology: intel)
    } throws: {
      $0 as? PlacementError == .oneCPU([3]) && "\($0)".contains("polled modes need two")
    }
  }

  private static let nodes = [
    NUMANode(id: 0, cpus: [0, 1, 4, 5], memory: 1 << 30, distances: [10, 21, 31]),
    NUMANode(id: 1, cpus: [2, 3, 6, 7], memory: 1 << 30, distances: [21, 10, 21]),
    // Memory without CPUs, as CXL expanders have it; and a node with neither.
    NUMANode(id: 2, cpus: [], memory: 1 << 30, distances: [31, 21, 10]),
    NUMANode(id: 3, cpus: [], memory: 0, distances: [99, 99, 99]),
  ]

  private func place(_ policy: PlacementPolicy, device: Int? = nil) throws -> Placement {
    try Placement(policy, allowed: Array(0..<8), topology: intel, nodes: Self.nodes, device: device)
  }

  @Test(
    arguments: [
      (PlacementPolicy.sameNode, 0, 1, 0), (.remoteNode, 0, 1, 2), (.siblings, 0, 4, 0), (.spread, 0, 2, 0),
      (.explicit(vcpu: 2, io: 3, memory: 0, device: 1), 2, 3, 0), (.explicit(memory: 1), 2, 3, 1),
      (.explicit(vcpu: 6), 6, 3, 1), (.explicit(io: 5), 0, 5, 0), (.explicit(device: 1), 2, 3, 1),
      (.explicit(vcpu: 0, memory: 1), 0, 1, 1),
    ] as [(PlacementPolicy, Int, Int, Int)])
  func putsThreadsAndMemory(policy: PlacementPolicy, vcpu: Int, io: Int, memory: Int) throws {
    let placement = try place(policy)
    #expect((placement.vcpu, placement.io, placement.memory) == (vcpu, io, memory))
  }

  @Test func goesToTheNodeOfTheDeviceByDefault() throws {
    let placement = try place(.sameNode, device: 1)
    #expect((placement.vcpu, placement.io, placement.memory) == (2, 3, 1))
    #expect(try place(.remoteNode, device: 1).memory == 0)
  }

  @Test func refusesRemoteMemoryOnOneNodeAndSaysWhatThereIs() throws {
    let one = [NUMANode(id: 0, cpus: [0, 1, 2, 3], memory: 1 << 30, distances: [10])]
    #expect {
      try Placement(.remoteNode, allowed: [0, 1], topology: amd, nodes: one)
    } throws: {
      $0 as? PlacementError == .oneNode([0]) && "\($0)".hasPrefix("remote-node: this host has one NUMA node (0)")
    }
  }

  @Test func refusesNodesWithoutMemory() {
    #expect(throws: PlacementError.noNode(3, [0, 1, 2])) { try place(.explicit(memory: 3)) }
    #expect(throws: PlacementError.noNode(7, [0, 1, 2])) { try place(.explicit(device: 7)) }
  }

  @Test(arguments: [
    "same-node", "remote-node", "smt-sibling", "spread", "vcpu=2,io=3,memory=0,device=1", "memory=1", "io=0",
  ])
  func saysPoliciesAsItReadsThem(text: String) {
    #expect(PlacementPolicy(text)?.description == text)
  }

  @Test(arguments: [
    ("same-node", PlacementPolicy.sameNode), ("smt-sibling", .siblings), ("spread", .spread),
    ("3,0", .explicit(vcpu: 3, io: 0)), ("remote-node", .remoteNode),
    ("device=1,vcpu=2", .explicit(vcpu: 2, device: 1)),
  ])
  func readsPoliciesAsTheCommandLineNamesThem(text: String, policy: PlacementPolicy) {
    #expect(PlacementPolicy(text) == policy)
  }

  @Test(arguments: [
    "", "near", "1", "1,2,3", "-1,2", "1,", "99999999999999999999,1", "vcpu=", "vcpu=1,vcpu=2",
    "cpu=1", "vcpu=1,2", "=1", "memory=-1", "vcpu=1,",
  ])
  func readsNothingElse(text: String) {
    #expect(PlacementPolicy(text) == nil)
  }
}
