import Definitions
import Results
import Testing
import Verdicts

@Suite struct PlanTests {
  private static let suite = """
    name: plan
    blocks: 6
    workloads: [cpu.integer, memory.copy, exits.cpuid, exits.trap, boot]
    """

  private func plan(seed: UInt64) throws -> Plan {
    Plan(try SuiteReader.parse(Self.suite, path: "plan.yaml"), seed: seed)
  }

  private func order(_ plan: Plan) -> [String] { plan.sessions.flatMap(\.legs).map(\.id) }

  @Test func theSameSeedGivesTheSamePlan() throws {
    #expect(try order(plan(seed: 7)) == order(plan(seed: 7)))
    #expect(
      try plan(seed: 7).sessions.flatMap(\.legs).map(\.seed) == plan(seed: 7).sessions.flatMap(\.legs).map(\.seed))
    #expect(try order(plan(seed: 7)) != order(plan(seed: 8)))
  }

  @Test func legsOfADiskHaveOrdersOfTheirOwnAndOthersOneSeedABlock() throws {
    let text = "name: plan\nblocks: 3\nworkloads: [cpu.integer, block.randread]\n"
    let legs = Plan(try SuiteReader.parse(text, path: "plan.yaml"), seed: 7).sessions.flatMap(\.legs)
    let disk = legs.filter { $0.workload.id == "block.randread" }
    #expect(Set(disk.map(\.seed)).count == disk.count)
    // As another job, such as another window of the same boot or the other side of a pair, it has another order again.
    #expect(disk.allSatisfy { $0.renumbered($0.job + 1000).seed != $0.seed && $0.moved(to: 9).seed == $0.seed })
    for block in 0..<3 {
      #expect(Set(legs.filter { $0.workload.id == "cpu.integer" && $0.block == block }.map(\.seed)).count == 1)
    }
  }

  @Test func theSuiteOfClaimsMeasuresWhatEachShippedClaimSpeaksOf() throws {
    let legs = Plan(try SuiteReader.read("claims"), seed: 1).sessions.flatMap(\.legs)
    for claim in try ClaimFile.shipped().flatMap(\.claims) {
      #expect(
        legs.contains { $0.path == claim.path && claim.workload.covers($0.workload) }, "\(claim.id) has no leg")
    }
  }

  @Test func everyBlockHasEachLegOnce() throws {
    let plan = try plan(seed: 1)
    let legs = plan.sessions.flatMap(\.legs)
    #expect(legs.count == plan.legCount(blocks: 6))
    #expect(Set(legs.map(\.id)).count == legs.count)
    #expect(Set(legs.map(\.job)).count == legs.count)
    let expected = Set(
      plan.suite.entries.flatMap { entry in entry.paths.map { "\(entry.workload) \($0)" } })
    for block in 0..<6 {
      let found = legs.filter { $0.block == block }.map { "\($0.entry.workload) \($0.path)" }
      #expect(found.count == expected.count && Set(found) == expected)
    }
  }

  @Test func vhostIsTriedOverTheTAPAloneAndBusesAreForVirtio() throws {
    let suite = try SuiteReader.parse(
      """
      name: net
      blocks: 1
      machines: [nearmetal]
      workloads:
        - {id: net.pingpong, parameters: {wire: inprocess}}
        - {id: net.transmit, parameters: {wire: tap}}
        - {id: net.receive, parameters: {wire: tap, transport: pci}}
      """, path: "net.yaml")
    let legs = Plan(suite, seed: 1).sessions.flatMap(\.legs)
    func modes(_ workload: String) -> Set<String> {
      Set(legs.filter { $0.workload.id == workload }.map { $0.path.mode.rawValue })
    }
    #expect(modes("net.pingpong") == ["emulated", "paravirtual", "polled"])
    #expect(modes("net.transmit") == ["emulated", "paravirtual", "polled", "vhost"])
    #expect(modes("net.receive") == ["paravirtual", "polled", "vhost"])
    #expect(Plan(suite, seed: 1).sessions.allSatisfy { $0.legs.count == 1 })
  }

  @Test func aBackEndOfAnotherProcessIsMeasuredWhereASuiteAsksForIt() throws {
    let suite = try SuiteReader.parse(
      """
      name: disk
      blocks: 1
      workloads:
        - block.randread
        - {id: block.randwrite, modes: [vhost-user, polled]}
        - {id: block.read, machines: [nearmetal], modes: [vhost-user]}
      """, path: "disk.yaml")
    let legs = Plan(suite, seed: 1).sessions.flatMap(\.legs)
    func paths(_ workload: String) -> Set<String> {
      Set(legs.filter { $0.workload.id == workload }.map(\.path.description))
    }
    #expect(
      paths("block.randread") == [
        "native", "nearmetal emulated", "nearmetal paravirtual", "nearmetal polled", "qemu emulated",
        "qemu paravirtual",
      ])
    #expect(paths("block.randwrite") == ["native", "nearmetal polled", "nearmetal vhost-user"])
    #expect(paths("block.read") == ["nearmetal vhost-user"])
    #expect(throws: (any Error).self) {
      try SuiteReader.parse("name: s\nworkloads: [{id: net.bulk, modes: [vhost-user]}]", path: "s.yaml")
    }
    for (name, isThere) in [("quick", false), ("claims", false), ("block", true)] {
      let paths = try SuiteReader.read(name).entries.flatMap(\.paths)
      #expect(paths.contains { $0.mode == .vhostUser } == isThere, "\(name)")
    }
  }

  @Test func blocksFollowEachOtherAndDifferInTheirOrder() throws {
    let legs = try plan(seed: 3).sessions.flatMap(\.legs)
    #expect(legs.map(\.block) == legs.map(\.block).sorted())
    let orders = (0..<6).map { block in legs.filter { $0.block == block }.map { "\($0.entry.workload) \($0.path)" } }
    #expect(Set(orders).count > 1)
  }

  @Test func theLegsOfABlockShareTheirData() throws {
    let legs = try plan(seed: 3).sessions.flatMap(\.legs)
    let seeds = (0..<6).map { block in Set(legs.filter { $0.block == block }.map(\.seed)) }
    #expect(seeds.allSatisfy { $0.count == 1 })
    #expect(Set(seeds).count == 6)
  }

  @Test func onlyWorkloadsWithoutANativeLegShareABoot() throws {
    for session in try plan(seed: 5).sessions where session.legs.count > 1 {
      #expect(session.legs.allSatisfy { $0.workload.id.hasPrefix("exits.") && $0.path == session.path })
    }
  }

  @Test func anExtensionComesLastAndChangesNothingBeforeIt() throws {
    let long = Plan(try SuiteReader.parse(Self.suite + "\nextend: 3", path: "plan.yaml"), seed: 7)
    let short = try plan(seed: 7)
    #expect(Array(order(long).prefix(short.legCount(blocks: 6))) == order(short))
    #expect(long.suite.extend == 3 && long.legCount(blocks: 9) == short.legCount(blocks: 6) / 6 * 9)
    #expect(Set(long.sessions.flatMap(\.legs).map(\.job)).count == long.legCount(blocks: 9))
  }

  @Test func whatALegThatNeverEndsKeepsBackIsASessionOfItsOwn() throws {
    let suite = try SuiteReader.parse(
      "name: s\nmachines: [nearmetal]\nworkloads: [exits.cpuid, exits.trap, exits.dr7, exits.msr.read]", path: "s.yaml")
    let session = Plan(suite, seed: 5).sessions[0]
    let jobs = session.legs.map(\.job)
    let all = session.parted(answered: Set(jobs))
    #expect(all.begun.legs.count == jobs.count && all.rest == nil)
    let stuck = session.parted(answered: [jobs[0]])
    #expect(stuck.begun.legs.map(\.job) == Array(jobs[...1]))
    #expect(stuck.rest?.legs.map(\.job) == Array(jobs[2...]) && stuck.rest?.path == session.path)
    let last = session.parted(answered: Set(jobs.dropLast()))
    #expect(last.begun.legs.count == jobs.count && last.rest == nil)
  }

  @Test func groupsAreWhatMeasuresTheSameWorkAndSayWhyTheyTakeNoTurns() throws {
    let groups = try plan(seed: 5).groups
    #expect(groups.flatMap(\.sessions).flatMap(\.legs).count == (try plan(seed: 5)).legCount(blocks: 6))
    for group in groups {
      #expect(Set(group.sessions.map(\.path)).count == group.sessions.count)
      let isExit = group.sessions[0].legs[0].entry.kind == .exits
      #expect((group.turnObstacle != nil) == (isExit || group.sessions[0].measuresBoot))
    }
  }

  @Test func variantsShareAGroupInBootsOfTheirOwn() throws {
    let suite = try SuiteReader.parse(
      """
      name: formats
      blocks: 2
      machines: [native, nearmetal]
      against: {format: raw}
      workloads:
        - {id: block.randread, parameters: {qd: 1, format: raw}, modes: [polled]}
        - {id: block.randread, parameters: {qd: 1, format: qcow2}, modes: [polled]}
        - {id: block.randread, parameters: {qd: 8, format: raw}, modes: [polled]}
        - cpu.integer
      """, path: "formats.yaml")
    let groups = Plan(suite, seed: 3).groups.filter { $0.block == 0 }
    #expect(groups.map(\.sessions.count).sorted() == [2, 2, 4])
    #expect(groups.flatMap(\.sessions).allSatisfy { $0.legs.count == 1 })
    let shared = try #require(groups.first { $0.sessions.count == 4 })
    #expect(Set(shared.sessions.map { "\($0.legs[0].workload["format"]!) \($0.path)" }).count == 4)
  }

  @Test func aRepeatedLegHasAnIdAndAJobOfItsOwn() throws {
    let sessions = try plan(seed: 1).sessions
    let legs = sessions.flatMap(\.legs)
    let again = sessions.compactMap { $0.repetition(of: $0.legs, after: legs.count) }.flatMap(\.legs)
    #expect(Set((legs + again).map(\.id)).count == 2 * legs.count)
    #expect(Set((legs + again).map(\.job)).count == 2 * legs.count)
    #expect(zip(legs, again).allSatisfy { $0.seed == $1.seed && $0.block == $1.block && $1.attempt == 2 })
  }
}
