import Foundation
import Results
import Testing

extension EndToEnd {
  /// Claims, baselines and the gate as a user meets them: statuses, lines, files. The figures are made up and nothing is
  /// measured, but where two builds are.
  @Suite("Verdicts", .serialized)
  struct GateEndToEndTests {
    private static let wobble = [0.99, 1.005, 1.0, 1.012, 0.996, 0.988, 1.003, 1.01, 0.995, 1.001]

    /// Writes a run of polled reads at a share of the native speed.
    private func write(
      _ name: String, _ folder: Folder, share: Double = 0.98, blocks: Int = 10, host: String = "f00d"
    ) throws -> String {
      var legs: [LegRecord] = []
      for block in 0..<blocks {
        for (machine, mode) in [(Machine.native, Mode.native), (.nearmetal, .polled), (.nearmetal, .guest)] {
          let isGuest = mode == .guest
          let factor = machine == .native ? 1 : (isGuest ? 0.999 : share) * Self.wobble[(block + name.utf8.count) % 10]
          let workloads =
            machine == .native ? ["block.randread", "cpu.integer"] : [isGuest ? "cpu.integer" : "block.randread"]
          for workload in workloads {
            let metric = workload.hasPrefix("cpu") ? ("throughput", "Mop/s") : ("iops", "IOPS")
            legs.append(
              LegRecord(
                id: "\(block)-\(workload)-\(mode.rawValue)", block: block, order: 0, path: Path(machine, mode),
                workload: Workload(
                  workload, workload.hasPrefix("cpu") ? [:] : ["bs": "4KiB", "qd": "32", "backing": "direct"]),
                status: .ok,
                metrics: [MetricRecord(name: metric.0, unit: metric.1, direction: .higher, value: 1000 * factor)],
                startedAt: Double(block)))
          }
        }
      }
      let run = RunRecord(
        id: name, startedAt: "2026-11-22T10:15:00Z", suite: "quick", seed: 18, blocks: blocks, command: ["nearmetal"],
        tool: ToolRecord(version: "1", revision: "abc", swift: "6.3"), buildConfiguration: .release)
      let record = HostRecord(
        fingerprint: host, kvm: KVMRecord(backend: .pvm), cpu: ["cpu.model": "Example \(host)"],
        kernel: ["kernel.release": "6.\(name.utf8.count)"])
      try ResultStore.write(RunResult(run: run, host: record, legs: legs), to: folder.path(name))
      return folder.path(name)
    }

    private func lines(_ text: String) -> [Substring] { text.split(whereSeparator: \.isNewline) }

    // MARK: Claims

    private static let claim = """
      name: mine
      claims:
        - {id: a, text: Reads are near., source: here, workload: block.randread, metric: iops, machine: nearmetal,
           mode: polled, margin: MARGIN, requirement: blocker}
      """

    @Test(arguments: [("0.9", 0), ("0.98", 7), ("1.0", 2)])
    func aClaimsVerdictIsTheExitStatus(margin: String, status: Int32) throws {
      let folder = try Folder()
      let claims = try folder.write("claims.yaml", Self.claim.replacingOccurrences(of: "MARGIN", with: margin))
      let outcome = try Tool.run(["claims", write("out", folder), "--claims", claims], in: folder)
      #expect(outcome.status == status, "\(outcome.errors)\(outcome.output)")
      let line = try #require(lines(outcome.output).first { $0.contains(" a ") })
      #expect(line.hasPrefix([0: "pass", 2: "fail", 7: "inconclusive"][status]!) && line.contains("0.98"))
      #expect(line.contains("blocker") && lines(outcome.output).first == lines(outcome.output).last)
      if status == 7 { #expect(line.contains("blocks decide") || line.contains("more blocks alone")) }
    }

    @Test func shippedClaimsSayWhatWasNotMeasured() throws {
      let folder = try Folder()
      let outcome = try Tool.run(["claims", write("out", folder), "--format", "json"], in: folder)
      let records = try JSONDecoder().decode([ClaimRecord].self, from: Data(outcome.output.utf8))
      let net = try #require(records.first { $0.id == "xen-2003.tcp" })
      #expect(net.verdict == .inconclusive && net.reason?.contains("was not measured") == true)
      #expect(records.first { $0.id == "firecracker.cpu-integer" }?.verdict == .pass)
    }

    @Test func tooFewBlocksAreRefusedAndABadFileOfClaimsIsNamedWithItsLine() throws {
      let folder = try Folder()
      let few = try Tool.run(["claims", write("few", folder, blocks: 3)], in: folder)
      #expect(few.status == 64 && few.errors.contains("at least 5 are needed") && few.output.isEmpty)
      let claims = try folder.write("claims.yaml", "name: mine\nclaims:\n  - {id: a, wording: b}\n")
      let bad = try Tool.run(["claims", write("out", folder), "--claims", claims], in: folder)
      #expect(
        bad.status == 64 && bad.errors.contains("claims.yaml:3:") && bad.errors.contains(": expected one of id")
          && lines(bad.errors).count == 1)
      let listed = try Tool.run(["list", "claims"], in: folder)
      #expect(listed.status == 0 && listed.output.contains("2006.no-penalty (blocker)"))
    }

    // MARK: The gate

    @Test(arguments: [(0.98, 0), (0.88, 2), (0.966, 7)])
    func aGatesVerdictIsTheExitStatusAndStandsInItsFiles(share: Double, status: Int32) throws {
      let folder = try Folder()
      let (base, head) = (try write("base", folder), try write("head1", folder, share: share))
      let outcome = try Tool.run(
        [
          "gate", "--base", base, "--head", head, "--margin", "0.02", "--output", folder.path("gate"), "--format",
          "json",
        ], in: folder)
      #expect(outcome.status == status, "\(outcome.errors)")
      struct Verdict: Decodable {
        struct Comparison: Decodable {
          let workload: String
          let outcome: String
        }
        let verdict: String
        let comparisons: [Comparison]
      }
      let verdict = try JSONDecoder().decode(Verdict.self, from: Data(outcome.output.utf8))
      #expect(verdict.verdict == [0: "pass", 2: "fail", 7: "inconclusive"][status])
      #expect(verdict.comparisons.count == 4)
      if status != 0 { #expect(verdict.comparisons.first?.workload == "block.randread") }
      #expect(try folder.text("gate/gate.json") == outcome.output)
      #expect(try folder.text("gate/summary.md").contains("NearMetal gate: \(verdict.verdict)"))
      #expect(try folder.text("gate/summary.md").contains("- Changed: kernel.release: 6.4 → 6.5"))
      #expect(folder.contains("gate/junit.xml"))
    }

    @Test func inconclusiveFailsWhereThatIsAskedForAndAnnotationsNameTheWorkload() throws {
      let folder = try Folder()
      let (base, head) = (try write("base", folder), try write("head1", folder, share: 0.966))
      let arguments = ["gate", "--base", base, "--head", head, "--margin", "0.02", "--fail-on", "inconclusive"]
      let github = try Tool.run(arguments + ["--annotations", "github"], in: folder)
      #expect(github.status == 2 && github.errors.contains("block.randread"))
      #expect(
        github.output.contains(
          "::error title=NearMetal%3A inconclusive::inconclusive by ratios to bare metal: block.randread"))
      let gitlab = try Tool.run(arguments + ["--annotations", "gitlab", "--output", folder.path("gate")], in: folder)
      #expect(gitlab.status == 2)
      #expect(try folder.text("gate/codequality.json").contains("\"check_name\" : \"nearmetal.inconclusive\""))
    }

    @Test func whatCannotBeJudgedIsRefusedWithOneLine() throws {
      let folder = try Folder()
      let (base, head) = (try write("base", folder), try write("head1", folder))
      let few = try write("few", folder, blocks: 4)
      let other = try write("other", folder, host: "beef")
      let text = try folder.text("base/result.json")
      try FileManager.default.createDirectory(atPath: folder.path("cut"), withIntermediateDirectories: true)
      _ = try folder.write("cut/result.json", String(text.prefix(text.count / 2)))
      let cases: [([String], Int32, [String])] = [
        (["--base", base, "--head", few], 64, ["4 blocks", "at least 5"]),
        (["--base", base, "--head", folder.path("cut")], 64, ["cut/result.json", "expected"]),
        (["--base", folder.path("none"), "--head", head], 64, ["none"]),
        (["--base", other, "--head", head], 5, ["cpu.model is Example beef in the base and Example f00d in the head"]),
        (["--base", "unheard-of", "--head", head], 5, ["no baseline unheard-of", "baseline record"]),
      ]
      for (arguments, status, words) in cases {
        let outcome = try Tool.run(["gate", "--output", folder.path("gate")] + arguments, in: folder)
        #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
        #expect(lines(outcome.errors).count == 1 && outcome.output.isEmpty, "\(outcome.errors)")
        for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
        #expect(!folder.contains("gate"))
      }
      #expect(try Tool.run(["gate", "--base", base], in: folder).status == 64)
      #expect(try Tool.run(["gate", "--base", base, "--head", head, "--alpha", "0.7"], in: folder).status == 64)
    }

    // MARK: Baselines

    @Test func aBaselineIsRecordedFoundByItsNameAndDeleted() throws {
      let folder = try Folder()
      let store = ["--directory", folder.path("Baselines")]
      let (base, head) = (try write("base", folder), try write("head1", folder))
      let other = try write("other", folder, host: "beef")
      func run(_ arguments: [String]) throws -> Tool.Outcome { try Tool.run(arguments + store, in: folder) }
      #expect(try run(["baseline", "record", "main", base, "--note", "before"]).status == 0)
      #expect(try run(["baseline", "record", "main", base]).status == 64)
      #expect(try run(["baseline", "list"]).output.contains("f00d main 2026-11-22T10:15:00Z quick, 10 blocks: before"))
      #expect(try run(["baseline", "show", "main", "--host", "f00d"]).output.contains("command: nearmetal"))
      #expect(try run(["gate", "--base", "main", "--head", head]).status == 0)
      let check = try run(["baseline", "check", "main", head])
      #expect(check.status == 0 && check.output.contains("comparable\n  kernel.release: 6.4 → 6.5"))
      for verb in [["gate", "--base", "main", "--head", other], ["baseline", "check", "main", other]] {
        let outcome = try run(verb)
        #expect(
          outcome.status == 5 && outcome.errors.contains("cpu.model is Example f00d in the base"), "\(outcome.errors)")
      }
      #expect(try run(["baseline", "delete", "main", "--host", "f00d"]).status == 0)
      #expect(try run(["gate", "--base", "main", "--head", head]).status == 5)
    }

    // MARK: Two builds

    @Test func twoBuildsAreInterleavedAndTheirResultsCanBeJudgedAgain() throws {
      let folder = try Folder()
      let suite = try folder.write(
        "suite.yaml",
        "name: tiny\nblocks: 5\nwarmup: 1ms\nwindow: 5ms\nmemory: 64MiB\nmachines: [native]\nworkloads: [cpu.integer]\n"
      )
      let outcome = try Tool.run(
        [
          "gate", "--base-binary", Tool.path, "--head-binary", Tool.path, "--suite", suite, "--blocks", "5", "--alpha",
          "0.05", "--output", folder.path("gate"), "--margin", "0.9",
        ], in: folder)
      #expect([0, 2, 7].contains(outcome.status), "\(outcome.errors)")
      #expect(outcome.output.contains("took turns with each other"), "\(outcome.errors)")
      let (base, head) = (
        try ResultStore.read(folder.path("gate/base")), try ResultStore.read(folder.path("gate/head"))
      )
      #expect(base.run.interleaving != nil && base.run.interleaving == head.run.interleaving)
      #expect(base.run.isPaced == true && head.run.isPaced == true)
      #expect(
        LegRecord.deciding(base.legs).map(\.block) == [0, 1, 2, 3, 4]
          && LegRecord.deciding(head.legs).count == 5 && base.run.blocks == 5)
      let again = try Tool.run(
        [
          "gate", "--base", folder.path("gate/base"), "--head", folder.path("gate/head"), "--alpha", "0.05", "--margin",
          "0.9",
        ], in: folder)
      #expect(again.status == outcome.status && again.output == outcome.output)
    }

    private static let tiny =
      "name: tiny\nblocks: 5\nwarmup: 1ms\nwindow: 5ms\nmemory: 64MiB\nmachines: [native]\nworkloads: [cpu.integer]\n"

    @Test func blocksThatCannotDecideAreSaidBeforeAnythingIsMeasured() throws {
      let folder = try Folder()
      let suite = try folder.write("suite.yaml", Self.tiny)
      let few = try Tool.run(
        ["gate", "--base-binary", Tool.path, "--head-binary", Tool.path, "--suite", suite, "--blocks", "5"], in: folder)
      #expect(few.status == 64 && few.output.isEmpty, "\(few.errors)")
      #expect(
        few.errors.contains("--blocks: expected at least 7, which decide at alpha 0.01, found 5"), "\(few.errors)")
      #expect(!few.errors.contains("legs"), "\(few.errors)")
    }

    @Test func aBaseThatIsNoBuildIsSaidAndAHeadThatIsNoneFails() throws {
      let folder = try Folder()
      let suite = try folder.write("suite.yaml", Self.tiny)
      for (base, head, status) in [("/bin/false", Tool.path, 3), (Tool.path, "/bin/false", 2)]
        as [(String, String, Int32)]
      {
        let outcome = try Tool.run(
          ["gate", "--base-binary", base, "--head-binary", head, "--suite", suite], in: folder)
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.errors.contains("/bin/false: block 0: it ended with status 1"), "\(outcome.errors)")
        #expect(outcome.errors.contains("cannot take turns with another"), "\(outcome.errors)")
      }
    }

    @Test func aHeadThatIsKilledFailsTheGateAndThePairsSoFarAreKept() throws {
      let folder = try Folder()
      let suite = try folder.write("suite.yaml", Self.tiny)
      // Its third block is killed as soon as it begins.
      let head = try folder.write(
        "head",
        """
        #!/bin/sh
        case "$*" in *--seed*) echo . >>'\(folder.path("count"))';; esac
        [ "$(wc -l <'\(folder.path("count"))' 2>/dev/null || echo 0)" -lt 3 ] || kill -KILL $$
        exec '\(Tool.path)' "$@"
        """)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: head)
      let outcome = try Tool.run(
        [
          "gate", "--base-binary", Tool.path, "--head-binary", head, "--suite", suite, "--output", folder.path("gate"),
        ], in: folder)
      #expect(outcome.status == 2, "\(outcome.errors)")
      #expect(
        outcome.output.contains("fail: the head ended early: block 2: it was killed by signal 9 (Killed)"),
        "\(outcome.output)\(outcome.errors)")
      let kept = try ResultStore.read(folder.path("gate/head"))
      #expect(Set(kept.legs.map(\.block)) == [0, 1] && kept.run.blocks == 2)
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user: no guest can be booted"))
    func oneExitMoreForEachOperationIsFoundByCounts() throws {
      let folder = try Folder()
      let suite = try folder.write(
        "suite.yaml",
        "name: tiny\nblocks: 5\nwarmup: 1ms\nwindow: 10ms\nmemory: 64MiB\ndisk: 64MiB\nmachines: [nearmetal]\n"
          + "counters: none\nworkloads:\n  - {id: block.randread, parameters: {backing: memory}, modes: [polled]}\n")
      for (name, more) in [("base", []), ("same", []), ("head", ["--inject", "extra-exits=1"])] {
        let outcome = try Tool.run(["run", suite, "--output", folder.path(name)] + more, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      func gate(_ head: String) throws -> Tool.Outcome {
        try Tool.run(
          [
            "gate", "--base", folder.path("base"), "--head", folder.path(head), "--metric", "exits.perOperation",
          ], in: folder)
      }
      let (same, head) = (try gate("same"), try gate("head"))
      #expect(same.status == 0, "\(same.output)\(same.errors)")
      #expect(
        head.status == 2 && head.output.contains("fail: 1 regression (1 by counts)"), "\(head.output)\(head.errors)")
    }
  }
}
