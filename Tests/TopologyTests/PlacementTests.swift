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

  @Test(arguments: [
    ("same-node", PlacementPolicy.sameNode), ("smt-sibling", .siblings), ("spread", .spread),
    ("3,0", .explicit(vcpu: 3, io: 0)),
  ])
  func readsPoliciesAsTheCommandLineNamesThem(text: String, policy: PlacementPolicy) {
    #expect(PlacementPolicy(text) == policy)
  }

  @Test(arguments: ["", "near", "1", "1,2,3", "-1,2", "1,", "99999999999999999999,1"])
  func readsNothingElse(text: String) {
    #expect(PlacementPolicy(text) == nil)
  }
}
