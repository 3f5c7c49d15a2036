import Foundation
import Glibc
import Results
import Testing

extension EndToEnd {
  /// What somebody sees who types a command for the first time. Nothing is measured but where that is said.
  @Suite("First steps", .serialized)
  struct DoorsEndToEndTests {
    private static let sample = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../Reports/sample"
    ).standardized.path

    private func lines(_ text: String) -> [Substring] {
      text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    }

    @Test func withoutACommandTheFirstStepsAreSaid() throws {
      let outcome = try Tool.run([], in: try Folder())
      #expect(outcome.status == 0 && outcome.output.contains("nearmetal run quick --output out"), "\(outcome.errors)")
      #expect(lines(outcome.output).count < 12)
    }

    @Test(arguments: [
      (["rnu", "quick"], "did you mean run?"), (["claim", "out"], "did you mean claims?"),
      (["run", "quik"], "did you mean quick?"),
      (["list", "workloads", "block.ranread"], "did you mean block.randread?"),
      (["run", "quick", "--only", "cpu.intege"], "did you mean cpu.integer?"),
    ])
    func aMistakeIsAnsweredWithWhatMayHaveBeenMeant(arguments: [String], answer: String) throws {
      let outcome = try Tool.run(arguments, in: try Folder())
      #expect(outcome.status == 64 && outcome.errors.contains(answer), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test func aSuiteIsShownCheckedAndHasASchema() throws {
      let folder = try Folder()
      let shown = try Tool.run(["suite", "show", "quick"], in: folder)
      let file = try folder.write("mine.yaml", shown.output)
      let checked = try Tool.run(["suite", "check", file], in: folder)
      #expect(checked.status == 0 && checked.output.contains("valid: suite quick, "), "\(checked.errors)")
      let broken = try folder.write(
        "bad.yaml", shown.output.replacingOccurrences(of: "blocks: ", with: "blocks: about "))
      let refused = try Tool.run(["suite", "check", file, broken], in: folder)
      #expect(refused.status == 64 && refused.errors.contains("bad.yaml:3:") && refused.output.isEmpty)
      let schema = try Tool.run(["suite", "schema", "claims"], in: folder)
      let value = try JSONSerialization.jsonObject(with: Data(schema.output.utf8)) as? [String: Any]
      #expect(value?["additionalProperties"] as? Bool == false)
    }

    @Test func oneWorkloadIsShownWholeWithDefaultsAndUnits() throws {
      let outcome = try Tool.run(["list", "workloads", "block.randread"], in: try Folder())
      #expect(outcome.status == 0, "\(outcome.errors)")
      let line = try #require(lines(outcome.output).first { $0.hasPrefix("bs ") })
      #expect(line.contains("4KiB") && line.contains("512 to 1048576, multiples of 512 bytes"))
    }

    @Test func aReportIsTextTableOrMarkdownAndNeverWiderThanAScreen() throws {
      let folder = try Folder()
      try FileManager.default.copyItem(atPath: "\(Self.sample)/result.json", toPath: folder.path("result.json"))
      let text = try Tool.run(["report", folder.path("")], in: folder)
      let shown = lines(text.output)
      #expect(text.status == 0 && shown.first == shown.last && shown.count <= 45, "\(text.output)\(text.errors)")
      #expect(shown.allSatisfy { $0.count <= 100 } && !text.output.contains("\u{1b}"))
      let csv = try Tool.run(["report", folder.path(""), "--format", "csv"], in: folder)
      #expect(csv.output.hasPrefix("kind,workload,parameters,metric,") && lines(csv.output).count > 100)
      let markdown = try Tool.run(["report", folder.path(""), "--format", "markdown"], in: folder)
      #expect(markdown.output.hasPrefix("# NearMetal: quick"))
      let all = try Tool.run(["report", folder.path(""), "--all"], in: folder)
      #expect(all.output.contains("latency.p99") && all.output.contains("frames.lost"))
      for arguments in [["claims"], ["compare", folder.path("")]] {
        let table = try Tool.run(arguments + [folder.path(""), "--format", "csv"], in: folder)
        #expect(lines(table.output).count > 5, "\(arguments): \(table.errors)")
      }
    }

    @Test func coloursAndCharactersFollowTheEnvironment() throws {
      let folder = try Folder()
      func output(_ variables: String) throws -> String {
        try Tool.run(
          ["-c", "exec env -u LANG -u LC_CTYPE -u NO_COLOR \(variables) \"$0\" claims \"$1\"", Tool.path, Self.sample],
          with: "/bin/sh", in: folder
        ).output
      }
      #expect(try output("LC_ALL=C").utf8.allSatisfy { $0 < 0x80 })
      #expect(try output("LC_ALL=C.UTF-8").contains("≥"))
      #expect(try output("LC_ALL=C CLICOLOR_FORCE=1").contains("\u{1b}[1;31m"))
      #expect(try !output("LC_ALL=C CLICOLOR_FORCE=1 NO_COLOR=1").contains("\u{1b}"))
    }

    @Test func theHostIsASummaryAndEverythingWhereThatIsAskedFor() throws {
      let folder = try Folder()
      let short = try Tool.run(["host"], in: folder)
      #expect(short.status == 0 && lines(short.output).count <= 40, "\(short.output)")
      #expect(short.output.contains("This host ") && !short.output.contains("KVM_CAP_"))
      let all = try Tool.run(["host", "--all"], in: folder)
      #expect(lines(all.output).count > lines(short.output).count + 20)
    }

    /// Measures.
    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func whatTheEnvironmentSaysHoldsWhereTheCommandLineDoesNot() throws {
      let folder = try Folder()
      let suite = try folder.write(
        "s.yaml",
        "name: s\nblocks: 3\nwarmup: 1ms\nwindow: 2ms\nmemory: 64MiB\nmachines: [native, nearmetal]\nworkloads: [cpu.integer, boot]\n"
      )
      let line =
        "NEARMETAL_OUTPUT='\(folder.path("out"))' NEARMETAL_BLOCKS=1 NEARMETAL_SEED=7 exec \"$0\" run '\(suite)' --only 'cpu.*' --blocks 2"
      let outcome = try Tool.run(["-c", line, Tool.path], with: "/bin/sh", in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let result = try ResultStore.read(folder.path("out"))
      #expect(result.run.seed.value == 7 && result.run.blocks == 2)
      #expect(Set(result.legs.map(\.workload.id)) == ["cpu.integer"])
      // Between the two runs somebody else may have the host.
      let twice =
        "NEARMETAL_LOCK_WAIT=120 exec \"$0\" run '\(suite)' --blocks 1 --seed 3 --tag compute --repeat 2 --output '\(folder.path("r"))'"
      let repeated = try Tool.run(["-c", twice, Tool.path], with: "/bin/sh", in: folder)
      #expect(repeated.status == 0, "\(repeated.errors)")
      #expect(try ResultStore.read(folder.path("r/2")).run.seed.value == 4)
    }
  }
}
