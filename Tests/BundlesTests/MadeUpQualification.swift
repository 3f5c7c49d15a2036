import Definitions
import Foundation
import Qualification
import Reports
import Results
import Verdicts

@testable import Bundles

/// The files of a made-up qualification: a profile with a fact, a check of each kind and a claim, and a run of six blocks.
enum MadeUpQualification {
  static let tool = ToolRecord(version: "1", revision: "r", swift: "6.2")
  private static let startedAt = "2025-11-23T10:00:00Z"
  private static let profileText = """
    profile: made-up
    host:
      - {id: host.memory, text: Memory., fact: memory, at-least: 1MiB, requirement: blocker}
    checks:
      - {id: check.soak, text: Soak., check: soak, duration: 1s, requirement: blocker}
      - {id: check.smp, text: Processors., check: smp, requirement: blocker}
    performance:
      suite: {name: made-up, workloads: [cpu.integer]}
      claims:
        - {id: claim.cpu, text: Near., source: made up, workload: cpu.integer, metric: throughput, machine: nearmetal, mode: guest, margin: 0.9, requirement: blocker}

    """

  static func result(run id: String = "r") throws -> RunResult {
    var legs: [LegRecord] = []
    for block in 0..<6 {
      for (machine, mode, value) in [
        (Machine.native, Mode.native, 100.0), (.nearmetal, .guest, 97 + 0.1 * Double(block)),
      ] {
        legs.append(
          LegRecord(
            id: "\(block)-cpu.integer-\(machine.rawValue)", block: block, order: 0, path: Path(machine, mode),
            workload: Workload("cpu.integer"), status: .ok,
            metrics: [MetricRecord(name: "throughput", unit: "Mop/s", direction: .higher, value: value)],
            startedAt: Double(block)))
      }
    }
    let run = RunRecord(
      id: id, startedAt: startedAt, suite: "made-up", seed: 7, blocks: 6, command: ["nearmetal"],
      tool: tool, buildConfiguration: .release)
    var result = RunResult(
      run: run, host: HostRecord(fingerprint: "f00d", kvm: KVMRecord(backend: .vmx)), legs: legs)
    let set = ComparisonBuilder(plannedBlocks: 6).build(legs)
    (result.comparisons, result.summaries) = (set.comparisons, set.summaries)
    return result
  }

  /// Everything by path, as a qualification leaves it.
  /// - Parameter id: its run's.
  static func files(run id: String = "r") throws -> [String: [UInt8]] {
    let profile = try ProfileReader.parse(Array(profileText.utf8), path: "p.yaml")
    var result = try result(run: id)
    result.claims = ClaimJudge.decide(profile.claims, result)
    let soak = try self.result()
    let host = HostEvidence(fingerprint: "f00d", backend: .vmx, facts: ["memory.bytes": "\(1 << 30)"])
    let smp = CheckRecord(id: "check.smp", observations: [.init(what: "a guest of 1 processor", status: .ok)])
    let evidence = QualificationEvidence(
      profile: profile, host: host,
      checks: ["check.soak": CheckRecord(id: "check.soak", soak), "check.smp": smp], result: result)
    let requirements = QualificationJudge.decide(evidence)
    let header = JournalHeader(
      schema: JournalFile.currentSchema, id: "q1", startedAt: startedAt,
      profile: .init(name: profile.name, sha256: profile.sha256), program: .init(name: "nearmetal", sha256: "00"),
      guest: .init(name: "probe.elf", sha256: "11"), fingerprint: "f00d",
      subject: Subject(vendor: "V", model: "M", equivalents: ["M2"]), tool: tool, seed: Seed(7))
    let record = QualificationRecord(
      schema: QualificationRecord.currentSchema, id: header.id, startedAt: header.startedAt,
      endedAt: "2025-11-23T10:05:00Z", profile: header.profile, subject: header.subject,
      fingerprint: header.fingerprint, tool: tool, program: header.program, guest: header.guest, seed: header.seed,
      requirements: requirements, outcome: Qualified(requirements))
    var files: [String: [UInt8]] = [
      "profile.yaml": profile.bytes, "inventory.json": try json(host), "qualify.log": Array("begun\n".utf8),
      "checks/check.soak/check.json": try json(CheckRecord(id: "check.soak", soak)),
      "checks/check.soak/result.json": try ResultStore.encode(soak), "checks/check.smp/check.json": try json(smp),
      "result.json": try ResultStore.encode(result), "qualification.json": try record.encoded(),
      "journal.jsonl": try journal(header),
    ]
    for file in try ReportWriter.render(result) { files[file.name] = file.bytes }
    return files
  }

  private static func journal(_ header: JournalHeader) throws -> [UInt8] {
    var entries = [JournalEntry(event: .begun, at: header.startedAt, header: header)]
    for step in ["check.soak", "check.smp", "performance"] {
      entries.append(JournalEntry(event: .started, at: header.startedAt, step: step))
      entries.append(JournalEntry(event: .finished, at: header.startedAt, step: step))
    }
    return try entries.flatMap { try json($0) + [0x0a] }
  }

  static func json(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return [UInt8](try encoder.encode(value))
  }
}

/// A folder that goes with its owner.
final class Folder {
  let path = FileManager.default.temporaryDirectory.appending(path: "bundle-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ files: [String: [UInt8]]) throws -> String {
    for (name, bytes) in files {
      let url = URL(filePath: "\(path)/q/\(name)")
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url)
    }
    return "\(path)/q"
  }
}
