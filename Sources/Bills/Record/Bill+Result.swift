import EmulatedHost
import Results

/// A bill among the results of hosts: in a history, and as a baseline.
extension Bill {
  /// The name of the host that it was made on, where a result has a fingerprint. All kernels and programs are of one host: they are what
  /// bills of one suite differ in.
  public var hostName: String { "emulated-\(host.backendName)" }

  /// Each figure as a summary: the passes are its blocks, and their ends its interval.
  public var result: RunResult {
    var run = RunRecord(
      id: self.run.id, startedAt: self.run.startedAt, suite: self.run.suite, seed: 0, blocks: self.run.passes,
      command: self.run.command, tool: self.run.tool, interrupted: self.run.incomplete != nil,
      buildConfiguration: self.run.buildConfiguration)
    (run.content, run.injection) = (self.run.content, self.run.injection)
    let summaries = lines.flatMap { line -> [SummaryRecord] in
      func summary(_ metric: String, _ unit: String, _ figure: BillFigure) -> SummaryRecord {
        SummaryRecord(
          workload: line.workload, metric: metric, unit: unit, direction: .lower, path: line.path, mean: figure.value,
          low: figure.low, high: figure.high, level: run.level, blocks: figure.passes.count)
      }
      guard let instructions = line.instructions else { return [] }
      return [summary("instructions", "instructions", instructions)]
        + line.counts.sorted { $0.key < $1.key }.map { summary($0.key, MetricRecord.perOperation, $0.value) }
    }
    return RunResult(
      run: run,
      host: HostRecord(
        fingerprint: hostName, kvm: KVMRecord(backend: host.backend == .svm ? .svm : .vmx),
        cpu: ["cpu.model": host.processor], kernel: ["kernel.release": host.release]),
      legs: [], summaries: summaries)
  }
}
