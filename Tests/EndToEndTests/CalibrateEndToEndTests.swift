import Foundation
import Testing

extension EndToEnd {
  /// Calibrations and histories, as a user would have them. Native legs alone where guests are not the point.
  @Suite("Calibrations and histories", .serialized)
  struct CalibrateTests {
    private static let native = """
      name: native
      blocks: 7
      warmup: 1ms
      window: 2ms
      memory: 64MiB
      machines: [native]
      workloads: [cpu.integer, cpu.branch]
      """

    @Test func aCalibrationJudgesPairsAndSaysHowSure() throws {
      let folder = try Folder()
      let suite = try folder.write("suite.yaml", Self.native)
      let outcome = try Tool.run(
        [
          "calibrate", suite, "--decisions", "4", "--format", "json", "--state-directory", folder.path("state"),
        ], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let record = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      let alarms = try #require(record["falseAlarms"] as? [String: Any])
      #expect(alarms["trials"] as? Int == 4 && alarms["high"] as? Double ?? 0 > 0)
      #expect((record["gateAlarms"] as? [String: Any])?["trials"] as? Int == 2)
      let metrics = try #require(record["metrics"] as? [[String: Any]])
      #expect(metrics.count == 4 && metrics.allSatisfy { $0["variance"] != nil })
      #expect(record["blocks"] as? Int == 7)
    }

    @Test(arguments: [
      (["--inject", "io-slow=10%"], "no workload of the suite native"), (["--inject", "disk=1"], "io-delay=NS"),
      (["--decisions", "0"], "--decisions"), (["--blocks", "3"], "--blocks"), (["--alpha", "0.7"], "--alpha"),
    ])
    func whatCannotBeCalibratedIsSaid(arguments: [String], words: String) throws {
      let folder = try Folder()
      let suite = try folder.write("suite.yaml", Self.native)
      let outcome = try Tool.run(
        ["calibrate", suite, "--state-directory", folder.path("state")] + arguments, in: folder)
      #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
      #expect(!folder.contains("state"))
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func aSlowedRunSaysSoInEveryReport() throws {
      let folder = try Folder()
      let suite = try folder.write(
        "suite.yaml",
        """
        name: slowed
        blocks: 1
        warmup: 1ms
        window: 5ms
        memory: 64MiB
        machines: [native, nearmetal]
        workloads: [cpu.integer]
        """)
      let run = try Tool.run(
        ["run", suite, "--inject", "guest-delay=100ns", "--output", folder.path("out")], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("slowed on purpose") && run.output.contains("slowed on purpose"))
      for file in ["report.html", "summary.md", "junit.xml", "environment.csv"] {
        #expect(try folder.text("out/\(file)").contains("guest-delay=100ns"), "\(file)")
      }
      #expect(try folder.text("out/result.json").contains("\"kind\" : \"guest-delay\""))
      // What says nothing about the host does not belong into its history.
      let added = try Tool.run(
        ["history", "add", folder.path("out"), "--database", folder.path("h.sqlite")], in: folder)
      #expect(added.status == 64 && added.errors.contains("slowed on purpose"))
    }

    @Test func aHistoryThatIsNoneIsSaidInOneLine() throws {
      let folder = try Folder()
      let text = try folder.write("notes.txt", String(repeating: "these are notes\n", count: 100))
      for (path, words) in [(text, "is no NearMetal history"), (folder.path("none"), "history add")] {
        let outcome = try Tool.run(["history", "list", "--database", path], in: folder)
        #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
        #expect(outcome.errors.split(whereSeparator: \.isNewline).count == 1)
      }
      #expect(!folder.contains("none"))
      let empty = try Tool.run(["history", "add", folder.path("nothing")], in: folder)
      #expect(empty.status == 64 && empty.errors.contains("nothing"))
    }
  }
}
