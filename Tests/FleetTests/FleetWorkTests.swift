import Foundation
import LinuxSystem
import Qualification
import Testing

@testable import Fleet

enum FleetResultProbe {
  static func withoutLegs(_ bytes: [UInt8]) -> [UInt8] { FleetResultText(bytes).rest }

  static func legs(_ bytes: [UInt8]) -> (answers: [String], reasons: [String]) {
    let text = FleetResultText(bytes)
    return (
      text.answers.map { String(decoding: $0, as: UTF8.self) }, text.reasons.map { String(decoding: $0, as: UTF8.self) }
    )
  }
}

@Suite struct FleetWorkTests {
  private func run(_ script: String, _ folder: String) throws -> Int32 {
    let path = "\(folder)/job.sh"
    try AtomicFile.write([UInt8](script.utf8), to: path)
    let child = try ChildProcess("/bin/sh", [path])
    _ = unsafe child.drain(until: MonotonicClock.now + 60_000_000_000) { _ in }
    return child.exitStatus ?? -1
  }

  @Test func aJobThatIsStartedAgainGoesOn() throws {
    let folder = NSTemporaryDirectory() + "nearmetal-fleet-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try AtomicFile.makeDirectory(folder)
    // Says what it was asked; its first run dies in the middle.
    // A quote with an accent behind it is one character.
    let program = "\(folder)/it's '\u{301}nearmetal"
    let text = """
      #!/bin/sh
      echo "$@" >>'\(folder)/asked'
      if [ "$2" = --resume ]; then rm "$3/run.jsonl"; touch "$3/result.json"; exit 7; fi
      mkdir -p "$4"; touch "$4/run.jsonl" "$4/result.json"
      exit 9
      """
    try AtomicFile.write([UInt8](text.utf8), to: program)
    #expect(unsafe chmod(program, 0o755) == 0)
    let work = FleetWork(.run(suite: "my suite.yaml"), program: program, folder: folder, repetitions: 1, seed: 7)
    let script = work.script(for: "n1", options: SlurmOptions(partition: "p", others: ["--account=lab"]))
    #expect(script.contains("#SBATCH --nodelist=n1\n#SBATCH --exclusive\n#SBATCH --requeue\n"))
    #expect(script.contains("#SBATCH --partition=p\n#SBATCH --account=lab\n"))
    #expect(try run(script, folder) == 9)
    #expect(!work.isDone(on: "n1"))
    #expect(try run(script, folder) == 0)
    #expect(work.isDone(on: "n1"))
    // A third time there is nothing left to do.
    #expect(try run(script, folder) == 0)
    let asked = try String(contentsOfFile: "\(folder)/asked", encoding: .utf8)
    #expect(asked == "run my suite.yaml --output \(folder)/n1 --seed 7\nrun --resume \(folder)/n1\n")
  }

  @Test(arguments: [(0, 0), (2, 0), (7, 0), (3, 3), (64, 64)])
  func aVerdictIsNoFailureOfTheJob(status: Int32, expected: Int32) throws {
    let folder = NSTemporaryDirectory() + "nearmetal-fleet-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try AtomicFile.makeDirectory(folder)
    let program = "\(folder)/program"
    try AtomicFile.write([UInt8]("#!/bin/sh\n[ \"$1\" = bundle ] || exit \(status)\n".utf8), to: program)
    #expect(unsafe chmod(program, 0o755) == 0)
    let work = FleetWork(
      .qualify(profile: "p", vendor: "V", model: "M"), program: program, folder: folder, repetitions: 1,
      seed: 7)
    #expect(try run(work.script(for: "n1", options: SlurmOptions()), folder) == expected)
  }

  /// A node may die between the end of its qualification and the bundle: what is complete is not done again.
  @Test func whatIsCompleteIsNotQualifiedAgain() throws {
    let folder = NSTemporaryDirectory() + "nearmetal-fleet-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try AtomicFile.makeDirectory("\(folder)/n1")
    let program = "\(folder)/program"
    try AtomicFile.write([UInt8]("#!/bin/sh\n[ \"$1\" = bundle ] && touch \"$7\"\n".utf8), to: program)
    #expect(unsafe chmod(program, 0o755) == 0)
    let work = FleetWork(
      .qualify(profile: "p", vendor: "V", model: "M"), program: program, folder: folder, repetitions: 1, seed: 7)
    // One key signs for the whole fleet.
    #expect(
      work.script(for: "n1", options: SlurmOptions()).contains(
        "bundle create \(folder)/n1 --key \(folder)/fleet.key --output \(folder)/n1.tar.zst\n"))
    #expect(try run(work.script(for: "n1", options: SlurmOptions()), folder) == 1)
    #expect(!work.isDone(on: "n1"))
    try AtomicFile.write([], to: "\(folder)/n1/\(QualificationRecord.fileName)")
    #expect(try run(work.script(for: "n1", options: SlurmOptions()), folder) == 0)
    #expect(work.isDone(on: "n1"))
    #expect(try run(work.script(for: "n1", options: SlurmOptions()), folder) == 0)
  }
}
