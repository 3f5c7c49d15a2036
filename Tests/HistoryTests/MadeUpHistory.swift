import Foundation
import Results

/// Made-up runs of a host over time, and a folder that is gone after the test.
enum MadeUpHistory {
  static func result(
    _ number: Int, ratio: Double, host: String = "0123abcd", revision: String = "aaaa1111", mode: Mode = .polled
  ) -> RunResult {
    let day = number < 9 ? "0\(number + 1)" : "\(number + 1)"
    let run = RunRecord(
      id: "run-\(number)", startedAt: "2026-10-\(day)T10:00:00Z", suite: "quick", seed: 1, blocks: 6,
      command: ["nearmetal"], tool: ToolRecord(version: "1.0.0", revision: revision, swift: "6.3"),
      buildConfiguration: .release)
    let comparison = ComparisonRecord(
      workload: Workload("block.randread", ["qd": "1", "bs": "4KiB"]), metric: "iops", unit: "IOPS",
      direction: .higher, path: Path(.nearmetal, mode), reference: .native, value: 1000 * ratio,
      referenceValue: 1000, ratio: ratio, low: ratio * 0.99, high: ratio * 1.01, level: 0.95, blocks: 6)
    let summary = SummaryRecord(
      workload: Workload("exits.cpuid"), metric: "cost", unit: "ns", direction: .lower, path: Path(.nearmetal, .guest),
      mean: 4000 / ratio, low: nil, high: nil, level: 0.95, blocks: 1)
    return RunResult(
      run: run,
      host: HostRecord(
        fingerprint: host, kvm: KVMRecord(backend: .pvm, capabilities: [:]), kernel: ["kernel.release": "6.12"]),
      legs: [], comparisons: [comparison], summaries: [summary])
  }

  /// Calls the body with the path of a folder of its own.
  static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "nearmetal-history-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }
}
