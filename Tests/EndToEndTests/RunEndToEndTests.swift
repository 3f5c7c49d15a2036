import Foundation
import Glibc
import Results
import Testing

extension EndToEnd {
  /// Whole runs on this host's KVM. One at a time: a run locks the host.
  @Suite(
    "Runs", .serialized, .enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user: no guest can be booted"))
  struct RunEndToEndTests {
    private static let suite = """
      name: tiny
      blocks: 2
      warmup: 1ms
      window: 5ms
      memory: 64MiB
      workloads:
        - cpu.integer
        - id: memory.latency
          parameters: {size: 16KiB}
        - exits.cpuid
        - exits.pio.user
        - boot
      """

    private func run(_ text: String, _ folder: Folder, _ more: [String] = []) throws -> (Tool.Outcome, RunResult) {
      let suite = try folder.write("suite.yaml", text)
      let outcome = try Tool.run(["run", suite, "--output", folder.path("out"), "--seed", "1"] + more, in: folder)
      return (outcome, try ResultStore.read(folder.path("out")))
    }

    @Test func everyLegOfATinySuiteEndsWithAFigureOrAReason() throws {
      let folder = try Folder()
      let (outcome, result) = try run(Self.suite, folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      // A leg that noise made invalid is there twice.
      #expect(LegRecord.deciding(result.legs).count == 2 * (3 + 3 + 2 + 2 + 2))
      for leg in result.legs {
        #expect(leg.status == .ok || leg.reason != nil, "\(leg.id)")
        #expect(leg.status != .failed, "\(leg.id): \(leg.reason ?? "")")
        #expect((leg.status == .ok) == !leg.metrics.isEmpty, "\(leg.id)")
      }
      let guests = result.legs.filter { $0.path.machine == .nearmetal && $0.status == .ok }
      #expect(
        Set(guests.map(\.workload.id)) == ["cpu.integer", "memory.latency", "exits.cpuid", "exits.pio.user", "boot"])
      for name in [
        "result.json", "samples.csv", "summary.csv", "environment.csv", "summary.md", "junit.xml", "report.html",
      ] {
        #expect(folder.contains("out/\(name)"), "\(name)")
      }
    }

    @Test(.enabled(if: Tool.nodeCount < 2, "this host has nodes: the suite runs in earnest, and for long"))
    func theMatrixOfNodesIsSkippedAloudOnOneNode() throws {
      let folder = try Folder()
      let outcome = try Tool.run(["run", "numa", "--blocks", "1", "--output", folder.path("out")], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let legs = try ResultStore.read(folder.path("out")).legs
      #expect(
        !legs.isEmpty && legs.allSatisfy { $0.status == .skipped && $0.reason?.contains("this host has one") == true })
      #expect(outcome.output.contains("this host has one"))
    }

    @Test(.enabled(if: Tool.cpus.count >= 2 && Tool.has("taskset"), "two CPUs and taskset are needed"))
    func aDisturbedLegRunsTwiceAndCountsOnce() throws {
      let folder = try Folder()
      let (cpu, other) = (Tool.cpus[0], Tool.cpus[1])
      let neighbour = try Tool.start(
        ["-c", "\(cpu)", "/bin/sh", "-c", "while :; do :; done"], with: "/usr/bin/taskset", in: try Folder())
      defer { kill(neighbour.processIdentifier, SIGKILL) }
      let (outcome, result) = try run(
        "name: s\nblocks: 1\nwindow: 300ms\nturn: none\nmemory: 64MiB\nmachines: [native, nearmetal]\nworkloads: [cpu.integer]\n",
        folder,
        ["--placement", "\(cpu),\(other)"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      for machine in [Results.Machine.native, .nearmetal] {
        let legs = result.legs.filter { $0.path.machine == machine }
        #expect(legs.map(\.attempt) == [1, 2] && legs.allSatisfy { $0.status == .ok }, "\(legs.map(\.noise))")
        #expect(legs[0].validity.contains { $0.contains("other processes took") })
      }
      #expect(LegRecord.deciding(result.legs).map(\.attempt) == [2, 2])
    }

    @Test func aLegsMemoryIsWhereThePlacementSays() throws {
      let folder = try Folder()
      let (outcome, result) = try run(
        "name: s\nblocks: 1\nwindow: 5ms\nmemory: 64MiB\nmachines: [native, nearmetal]\nworkloads: [memory.copy]\n",
        folder,
        ["--huge-pages", "none"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(result.run.placement?.hugePages == "none")
      for leg in result.legs {
        let memory = try #require(leg.memory, "\(leg.id)")
        #expect(memory.hugeBytes == 0 && memory.residentBytes! > 1 << 20)
        #expect(memory.boundTo == result.run.placement?.memoryNode || memory.reason != nil)
      }
    }

    @Test(
      .enabled(if: Tool.has("python3"), "python3 is absent: the schema cannot be checked by another implementation"))
    func theResultValidatesAgainstThePublishedSchema() throws {
      let folder = try Folder()
      let check = try Tool.run(["-c", "import jsonschema"], with: "/usr/bin/python3", in: folder)
      try #require(check.status == 0, "python3-jsonschema is absent (ci/packages.txt has it)")
      _ = try run(Self.suite, folder)
      let schema = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../Reports/result.schema.json")
      let script = """
        import json, sys, jsonschema
        jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))
        """
      let outcome = try Tool.run(
        ["-c", script, folder.path("out/result.json"), schema.standardized.path], with: "/usr/bin/python3", in: folder)
      #expect(outcome.status == 0, "\(outcome.errors.suffix(2000))")
    }

    /// What was measured until SIGKILL is reported, and the run goes on from there.
    @Test func aKilledRunIsReportedAndGoesOn() throws {
      let folder = try Folder()
      let suite = try folder.write(
        "suite.yaml",
        "name: s\nblocks: 6\nwarmup: 1ms\nwindow: 40ms\nmemory: 64MiB\nmachines: [native, nearmetal]\nworkloads: [cpu.integer]\n"
      )
      let out = folder.path("out")
      let process = try Tool.start(["run", suite, "--output", out, "--seed", "7"], in: folder)
      defer { kill(process.processIdentifier, SIGKILL) }
      let limit = Date().addingTimeInterval(60)
      while (try? KeptRun.read(out).blocks) ?? 0 < 2, Date() < limit { usleep(5000) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let whole = try KeptRun.read(out).blocks
      try #require(whole >= 2 && whole < 6, "killed too late: \(whole) blocks")

      let other = try Tool.run(["run", suite, "--output", out], in: folder)
      #expect(other.status == 64 && other.errors.contains("--resume"), "\(other.errors)")
      let report = try Tool.run(["report", out], in: folder)
      #expect(report.status == 0 && report.errors.contains("\(whole) whole blocks"), "\(report.errors)")
      let part = try ResultStore.read(out)
      #expect(part.run.interrupted && Set(part.legs.map(\.block)).isSuperset(of: 0..<whole))
      #expect(try Tool.run(["report", out, "--check"], in: folder).status == 0)

      let resumed = try Tool.run(["run", "--resume", out], in: folder)
      #expect(resumed.status == 0, "\(resumed.errors)")
      let result = try ResultStore.read(out)
      #expect(!result.run.interrupted && Set(result.legs.map(\.block)) == Set(0..<6))
      #expect(result.run.resumptions?.map(\.blocks) == [whole] && result.run.id == part.run.id)
      #expect(Array(result.legs.prefix { $0.block < whole }) == part.legs.filter { $0.block < whole })
      #expect(result.run.handOffs?.count ?? 6 >= 6)
      #expect(!folder.contains("out/run.jsonl"))
      let again = try Tool.run(["run", "--resume", out], in: folder)
      #expect(again.status == 64 && again.errors.contains("came to its end"), "\(again.errors)")
    }

    @Test func aRunWhoseSuiteIsAnotherNowDoesNotGoOn() throws {
      let folder = try Folder()
      let text =
        "name: s\nblocks: 9\nwindow: 40ms\nmemory: 64MiB\nmachines: [native, nearmetal]\nworkloads: [cpu.integer]\n"
      let suite = try folder.write("suite.yaml", text)
      let process = try Tool.start(["run", suite, "--output", folder.path("out")], in: folder)
      defer { kill(process.processIdentifier, SIGKILL) }
      let limit = Date().addingTimeInterval(60)
      while (try? KeptRun.read(folder.path("out")).blocks) ?? 0 < 1, Date() < limit { usleep(5000) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      _ = try folder.write("suite.yaml", text.replacing("window: 40ms", with: "window: 50ms"))
      let outcome = try Tool.run(["run", "--resume", folder.path("out")], in: folder)
      #expect(outcome.status == 5 && outcome.errors.contains("the suite s is another one now"), "\(outcome.errors)")
      let more = try Tool.run(["run", "--resume", folder.path("out"), "--blocks", "3"], in: folder)
      #expect(more.status == 64 && more.errors.contains("--resume: expected no other option"), "\(more.errors)")
    }

    @Test func aReportIsTheSameWheneverItIsMade() throws {
      let folder = try Folder()
      _ = try run(Self.suite, folder)
      let check = try Tool.run(["report", folder.path("out"), "--check"], in: folder)
      #expect(check.status == 0, "\(check.errors)")
      try "changed".write(toFile: folder.path("out/summary.md"), atomically: true, encoding: .utf8)
      let again = try Tool.run(["report", folder.path("out"), "--check"], in: folder)
      #expect(again.status == 2)
      #expect(again.errors.contains("summary.md"))
    }

    @Test func aGuestComputesWhatTheNativeLegComputes() throws {
      let folder = try Folder()
      let (_, result) = try run(Self.suite, folder)
      // A wrong checksum fails its leg, so good legs on both sides have agreed with the host's own computation.
      let machines = Set(result.legs.filter { $0.workload.id == "cpu.integer" && $0.status == .ok }.map(\.path.machine))
      #expect(machines.isSuperset(of: [.native, .nearmetal]))
    }

    @Test func anInterruptedRunKeepsWhatItMeasured() throws {
      let folder = try Folder()
      let suite = try folder.write(
        "suite.yaml", "name: long\nblocks: 500\nwindow: 20ms\nwarmup: 1ms\nmemory: 64MiB\nworkloads: [cpu.integer]\n")
      let process = try Tool.start(["run", suite, "--output", folder.path("out")], in: folder)
      let deadline = Date(timeIntervalSinceNow: 60)
      while try !folder.text("errors").contains("legs"), Date() < deadline { usleep(50_000) }
      usleep(700_000)
      kill(process.processIdentifier, SIGINT)
      let outcome = try Tool.finish(process, in: folder)
      #expect(outcome.status == 130, "\(outcome.errors)")
      let result = try ResultStore.read(folder.path("out"))
      #expect(result.run.interrupted)
      #expect(!result.legs.isEmpty && result.legs.count < 1500)
    }

    @Test func aSecondRunSaysWhoHoldsTheHost() throws {
      let folder = try Folder()
      let suite = try folder.write(
        "suite.yaml", "name: long\nblocks: 500\nwindow: 20ms\nwarmup: 1ms\nmemory: 64MiB\nworkloads: [cpu.integer]\n")
      let first = try Tool.start(["run", suite, "--output", folder.path("out")], in: folder)
      defer { kill(first.processIdentifier, SIGKILL) }
      let deadline = Date(timeIntervalSinceNow: 60)
      while try !folder.text("errors").contains("legs"), Date() < deadline { usleep(50_000) }
      let other = try Folder()
      let second = try Tool.run(["run", suite, "--output", other.path("out")], waits: false, in: other)
      #expect(second.status == 69)
      #expect(second.errors.contains("process \(first.processIdentifier)"), "\(second.errors)")
      #expect(!other.contains("out/result.json"))
    }
  }
}
