import Results
import Testing

@testable import Definitions

@Suite struct RespellingTests {
  private func result(_ workload: Workload) -> RunResult {
    let run = RunRecord(
      id: "r", startedAt: "2026-11-22T10:15:00Z", suite: "s", seed: 1, blocks: 1, command: ["nearmetal"],
      tool: ToolRecord(version: "1", revision: "r", swift: "6"), buildConfiguration: .release)
    let leg = LegRecord(
      id: "l", block: 0, order: 0, path: .native, workload: workload, status: .ok, startedAt: 0)
    return RunResult(run: run, host: HostRecord(fingerprint: "f", kvm: KVMRecord(backend: .pvm), cpu: [:]), legs: [leg])
  }

  @Test func parametersThatHoldAnywayDoNotMakeAnotherWorkOfIt() {
    let long = Workload("block.randread", ["bs": "4096", "qd": "1", "backing": "file"])
    let short = Workload("block.randread", ["backing": "file"])
    #expect(WorkloadCatalog.respelled(result(short), as: result(long)).legs[0].workload == long)
    #expect(WorkloadCatalog.respelled(result(long), as: result(short)).legs[0].workload == short)
    let other = Workload("block.randread", ["qd": "2", "backing": "file"])
    #expect(WorkloadCatalog.respelled(result(other), as: result(long)).legs[0].workload == other)
  }
}
