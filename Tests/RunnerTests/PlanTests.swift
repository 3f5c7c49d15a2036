import Runner
import Testing

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

  @Test func everyBlockHasEachLegOnce() throws {
    let plan = try plan(seed: 1)
    let legs = plan.sessions.flatMap(\.legs)
    #expect(legs.count == plan.legCount(blocks: 6))
    #expect(Set(legs.map(\.id)).count == legs.count)
    #expect(Set(legs.map(\.job)).count == legs.count)
    let expected = Set(
      plan.suite.entries.flatMap { entry in
        (WorkloadCatalog[entry.workload]?.paths ?? []).filter { entry.machines.contains($0.machine) }.map {
          "\(entry.workload) \($0)"
        }
      })
    for block in 0..<6 {
      let found = legs.filter { $0.block == block }.map { "\($0.entry.workload) \($0.path)" }
      #expect(found.count == expected.count && Set(found) == expected)
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
      #expect(session.legs.allSatisfy { $0.entry.workload.hasPrefix("exits.") && $0.path == session.path })
    }
  }

  @Test func anExtensionComesLastAndChangesNothingBeforeIt() throws {
    let long = Plan(try SuiteReader.parse(Self.suite + "\nextend: 3", path: "plan.yaml"), seed: 7)
    let short = try plan(seed: 7)
    #expect(Array(order(long).prefix(short.legCount(blocks: 6))) == order(short))
    #expect(long.suite.extend == 3 && long.legCount(blocks: 9) == short.legCount(blocks: 6) / 6 * 9)
    #expect(Set(long.sessions.flatMap(\.legs).map(\.job)).count == long.legCount(blocks: 9))
  }
}
