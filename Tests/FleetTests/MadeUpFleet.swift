import Fleet
import Foundation
import LinuxSystem
import Results
import Statistics

@testable import Reports

/// Folders of results of hosts that never were.
struct MadeUpFleet {
  let folder = NSTemporaryDirectory() + "nearmetal-fleet-\(UUID().uuidString)"
  private var random: SeededRandom
  /// Results so far: each is a run of its own.
  private var count = 0

  init(seed: UInt64 = 1) throws {
    random = SeededRandom(seed: seed)
    try AtomicFile.makeDirectory(folder)
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// A result with a ratio and a native figure for each of some workloads.
  /// - Parameters:
  ///   - slow: factors of ratios by workload number.
  ///   - native: factor of all native figures.
  mutating func result(
    slow: [Int: Double] = [:], native: Double = 1, startedAt: String = "2026-11-01T10:00:00Z",
    facts: [String: String] = [:],
    workloads: Int = 12
  ) -> RunResult {
    count += 1
    let run = RunRecord(
      id: "made-up-\(count)", startedAt: startedAt, suite: "quick", seed: 1, blocks: 5, command: ["nearmetal"],
      tool: ToolRecord(version: "0", revision: "0", swift: "6"), buildConfiguration: .release)
    let host = HostRecord(
      fingerprint: "0123456789abcdef", kvm: KVMRecord(backend: .svm),
      cpu: ["cpu.model": "Made-up 9000", "cpu.threads": "8"],
      facts: facts.merging(["firmware.version": "1.0"]) { own, _ in own })
    let own = 0.01 * random.normal()
    let comparisons = (0..<workloads).map { number in
      let ratio = 0.9 * exp(own + 0.003 * random.normal()) * (slow[number] ?? 1)
      let value = 1e6 * native * exp(0.01 * random.normal())
      return ComparisonRecord(
        workload: Workload("cpu.integer", ["n": ParameterValue("\(number)")]), metric: "throughput", unit: "ops/s",
        direction: .higher, path: Path(.nearmetal, .guest), reference: .native, value: value * ratio,
        referenceValue: value,
        ratio: ratio, low: ratio * 0.998, high: ratio * 1.002, level: 0.95, blocks: 5)
    }
    return RunResult(run: run, host: host, legs: [], comparisons: comparisons)
  }

  func write(_ result: RunResult, _ name: String) throws {
    try AtomicFile.makeDirectory("\(folder)/\(name)")
    try AtomicFile.write(try ResultStore.encode(result), to: "\(folder)/\(name)/\(ResultStore.fileName)")
  }

  func read(
    now: String = "2026-11-29T00:00:00Z",
    unpack: @escaping FleetReader.Unpacking = { .failure(.init($0, "no bundles here")) }
  ) -> FleetReader {
    var reader = FleetReader(latest: now, unpack: unpack)
    reader.read(folder)
    reader.finish()
    return reader
  }
}
