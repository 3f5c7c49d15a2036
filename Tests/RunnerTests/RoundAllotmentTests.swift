import Definitions
import Results
import Testing

@testable import Runner

@Suite struct RoundAllotmentTests {
  private let workload = Workload("cpu.integer")

  private func group(_ block: Int) throws -> SessionGroup {
    let plan = Plan(
      try SuiteReader.parse(
        """
        name: s
        blocks: 9
        warmup: 1ms
        window: 40ms
        memory: 64MiB
        machines: [native, nearmetal]
        workloads: [cpu.integer]
        """, path: "s.yaml"), seed: 1)
    return try #require(plan.groups.first { $0.block == block })
  }

  /// Legs of five blocks whose guest is `between` from one block to the next, and `within` from one stretch of rounds to the next,
  /// above and below the native leg.
  private func legs(between: Double, within: Double) -> [LegRecord] {
    (0..<RoundAllotment.blocks).flatMap { block in
      [Path.native, Path(.nearmetal, .guest)].map { path in
        let rounds = (0..<80).map { round in
          path.isNative
            ? 1 : 1 + between * Double(block % 2 * 2 - 1) + within * Double(round / 20 % 2 * 2 - 1)
        }
        var leg = LegRecord(
          id: "\(block)-\(path)", block: block, order: 0, path: path, workload: workload, status: .ok,
          metrics: [MetricRecord(name: "throughput", unit: "Mop/s", direction: .higher, value: 100)], startedAt: 0)
        leg.turns = TurnsRecord(
          length: 500_000, rewarm: 125_000,
          windows: TurnsRecord.Windows(
            operations: rounds.map { UInt64($0 * 1e6) }, nanoseconds: rounds.map { _ in 500_000 },
            median: rounds.map { _ in 500 }))
        return leg
      }
    }
  }

  private func result(_ legs: [LegRecord]) -> RunResult {
    var run = RunRecord(
      id: "r", startedAt: "2026-11-22T10:15:00Z", suite: "s", seed: 1, blocks: 9, command: ["nearmetal"],
      tool: ToolRecord(version: "1", revision: "r", swift: "6"), buildConfiguration: .release)
    run.sequential = SequentialRecord(spending: "pocock", atMost: 100)
    return RunResult(
      run: run, host: HostRecord(fingerprint: "f", kvm: KVMRecord(backend: .pvm), cpu: [:]), legs: legs)
  }

  private func rounds(_ block: Int, between: Double, within: Double, isKept: Bool = true) throws -> Int {
    let planned = TurnPlan(length: 500_000, window: 40_000_000)
    var (allotment, result) = (RoundAllotment(), result(legs(between: between, within: within)))
    if isKept { allotment.add(try group(0), seconds: 0.5) }
    let turns = allotment.turns(try group(block), planned, &result)
    #expect(result.run.sequential?.allotted?.first?.rounds ?? planned.rounds == turns.rounds)
    // What is decided once stays, whatever comes then.
    result.legs = []
    #expect(allotment.turns(try group(block + 1), planned, &result).rounds == turns.rounds)
    return turns.rounds
  }

  @Test func roundsThatScatterGetMoreWhereBootsDoNot() throws {
    #expect(try rounds(5, between: 0, within: 0.02) == 320)
    #expect(try rounds(5, between: 0.02, within: 0.0001) == 80)
    let some = try rounds(5, between: 0.01, within: 0.01)
    #expect((80...319).contains(some))
  }

  @Test func aGroupIsTheSameInEveryBlockWhateverItsOrder() throws {
    let text = """
      name: s
      blocks: 30
      window: 40ms
      memory: 64MiB
      disk: 64MiB
      machines: [native, nearmetal]
      against: {format: raw}
      workloads:
        - {id: block.randread, parameters: {format: raw, backing: file}, modes: [polled]}
        - {id: block.randread, parameters: {format: vhd, backing: file}, modes: [polled]}
        - {id: block.randread, parameters: {format: qcow2, backing: file}, modes: [polled]}
      """
    let plan = Plan(try SuiteReader.parse(text, path: "s.yaml"), seed: 3)
    #expect(Set(plan.groups.map(RoundAllotment.workload)).count == 1)
    #expect(Set(plan.groups.map { $0.sessions[0].legs[0].workload }).count == 3, "their order is drawn")
  }

  @Test func theFirstBlocksAndWhatHasNoCostYetAreAsTheSuiteSays() throws {
    #expect(try rounds(3, between: 0, within: 0.02) == 80)
    #expect(try rounds(5, between: 0, within: 0.02, isKept: false) == 80)
  }
}
