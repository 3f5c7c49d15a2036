import Definitions
import Results
import Testing
import Verdicts

@testable import Runner

@Suite struct StoppingTests {
  private let claim = Claim(
    id: "c", text: "t", source: "s", workload: Workload("cpu.integer"), metric: "throughput",
    path: Path(.nearmetal, .guest), margin: 0.9, level: 0.95, requirement: .blocker)

  private func legs(_ blocks: Int, _ workload: String = "cpu.integer", share: Double) -> [LegRecord] {
    (0..<blocks).flatMap { block in
      [(Path.native, 1.0), (Path(.nearmetal, .guest), share + 0.001 * Double(block % 3))].map { path, factor in
        LegRecord(
          id: "\(block)-\(workload)-\(path)", block: block, order: 0, path: path, workload: Workload(workload),
          status: .ok,
          metrics: [MetricRecord(name: "throughput", unit: "Mop/s", direction: .higher, value: 100 * factor)],
          startedAt: 0)
      }
    }
  }

  private func result() -> RunResult {
    var run = RunRecord(
      id: "r", startedAt: "2026-11-22T10:15:00Z", suite: "s", seed: 1, blocks: Stopping.mostBlocks,
      command: ["nearmetal"],
      tool: ToolRecord(version: "1", revision: "r", swift: "6"), buildConfiguration: .release)
    run.sequential = SequentialRecord(spending: "pocock", atMost: 100)
    return RunResult(
      run: run, host: HostRecord(fingerprint: "f", kvm: KVMRecord(backend: .pvm), cpu: [:]), legs: [])
  }

  private func plan(_ workloads: String = "[cpu.integer]") throws -> Plan {
    Plan(
      try SuiteReader.parse(
        "name: s\nblocks: 1\nwarmup: 1ms\nwindow: 2ms\nmemory: 64MiB\nmachines: [native, nearmetal]\nworkloads: \(workloads)",
        path: "s.yaml"), seed: 1)
  }

  @Test func whatWasMeasuredElsewhereIsMeasuredAgainInSpareBlocks() throws {
    let suite = try SuiteReader.parse(
      "name: s\nblocks: 5\nwarmup: 1ms\nwindow: 2ms\nmemory: 64MiB\nmachines: [native, nearmetal]\nworkloads: [cpu.integer, cpu.float]",
      path: "s.yaml")
    #expect(Stopping.spare(suite) == 3)
    let plan = Plan(suite, seed: 1, spare: 3)
    #expect(
      plan.sessions.prefix(20).flatMap { $0.legs.map(\.id) }
        == Plan(suite, seed: 1).sessions.flatMap { $0.legs.map(\.id) })
    var (stopping, result) = (Stopping(plan, claims: [], atMost: nil), result())
    result.run.sequential = nil
    result.run.blocks = 5
    func legs(_ block: Int, _ handOff: UInt64) -> [LegRecord] {
      ["cpu.integer", "cpu.float"].map { id in
        var leg = LegRecord(
          id: "\(block)-\(id)", block: block, order: 0, path: Path(.nearmetal, .guest), workload: Workload(id),
          status: .ok, metrics: [MetricRecord(name: "throughput", unit: "Mop/s", direction: .higher, value: 1)],
          startedAt: 0)
        let ones = [UInt64](repeating: 1000, count: 20)
        leg.turns = TurnsRecord(
          length: 1000, rewarm: 0, windows: TurnsRecord.Windows(operations: ones, nanoseconds: ones, median: ones))
        if id == "cpu.integer" {
          leg.turns?.handOffs = TurnsRecord.HandOffs(rounds: [0, 20], nanoseconds: [handOff, handOff])
        }
        return leg
      }
    }
    result.legs = (0..<5).flatMap { legs($0, $0 == 3 ? 400 : 100) }
    #expect(stopping.goesOn(to: 4, 1, &result))
    #expect(plan.groups.filter { $0.block == 4 }.allSatisfy { stopping.measures($0, result.run) })
    #expect(stopping.goesOn(to: 5, 1, &result) && result.run.blocks == 5)
    let again = plan.groups.filter { $0.block == 5 && stopping.measures($0, result.run) }
    #expect(again.map { $0.sessions[0].legs[0].workload } == [Workload("cpu.integer")])
    // Elsewhere again, and then not.
    result.legs += legs(5, 390).prefix(1)
    #expect(stopping.goesOn(to: 6, 1, &result))
    result.legs += legs(6, 100).prefix(1)
    #expect(!stopping.goesOn(to: 7, 1, &result))
  }

  @Test func aLookEndsWhatIsDecided() throws {
    var (stopping, result) = (Stopping(try plan(), claims: [claim], atMost: 100), result())
    var block = 1
    result.legs = legs(block, share: 0.97)
    while stopping.goesOn(to: block, Double(block) * 2, &result), block < 100 {
      block += 1
      result.legs = legs(block, share: 0.97)
    }
    let last = try #require(result.run.sequential?.looks.last)
    #expect(last.blocks == block && block < 45 && last.share < 1)
    #expect(result.run.blocks == block && stopping.progress?.decided == 1)
    #expect(result.run.sequential?.closed.map(\.reason) == [.decided])
  }

  @Test func theTimeEndsARunThatIsNotDecided() throws {
    var (stopping, result) = (Stopping(try plan(), claims: [claim], atMost: 100), result())
    var block = 1
    // The blocks take longer than the first one did.
    func elapsed(_ block: Int) -> Double { block == 1 ? 2 : Double(block) * 4 }
    repeat {
      // On the margin, and wild.
      result.legs += self.legs(1, share: block % 2 == 0 ? 0.8 : 1.01).map { leg in
        var leg = leg
        leg.block = block - 1
        return leg
      }
      guard stopping.goesOn(to: block, elapsed(block), &result) else { break }
      block += 1
    } while block < 100
    #expect(elapsed(block) <= 90 && result.run.blocks == block)
    #expect(result.run.sequential?.looks.last?.share == 1 || result.run.sequential?.closed.isEmpty == false)
  }

  @Test func aDebugBuildDecidesNothing() throws {
    var (stopping, result) = (Stopping(try plan(), claims: [claim], atMost: 100), result())
    result.run.buildConfiguration = .debug
    for block in 1...40 {
      result.legs = legs(block, share: 0.97)
      _ = stopping.goesOn(to: block, Double(block) * 2, &result)
    }
    #expect(stopping.progress == nil && result.run.sequential?.closed.isEmpty == true)
  }

  @Test func anInterruptedRunIsLookedAtForTheLastTime() {
    var run = result().run
    Stopping.interrupted(&run, after: 7)
    #expect(run.sequential?.looks == [SequentialRecord.Look(blocks: 7, share: 1)] && run.blocks == 7)
  }
}
