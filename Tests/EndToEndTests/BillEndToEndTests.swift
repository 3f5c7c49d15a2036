import Bills
import EmulatedHost
import Foundation
import Results
import Testing

extension EndToEnd {
  /// Bills by the commands that a user makes them with.
  @Suite("Bills", .serialized)
  struct BillEndToEndTests {
    private static let suite = """
      name: tiny
      blocks: 1
      warmup: 1ms
      window: 2ms
      turn: none
      memory: 64MiB
      machines: [nearmetal]
      workloads: [exits.cpuid, exits.pio.user]
      """

    /// The kernel of emulated hosts comes by the network once; without both there is nothing to boot.
    private static let needs = ["qemu-system-x86_64", "busybox", "dpkg-deb", "apt-get"].filter { !Tool.has($0) }

    @Test(.enabled(if: needs.isEmpty, "not installed: \(needs.joined(separator: ", "))"))
    func aBillCountsTheSameInstructionsInBothPassesAndTheLayersAddUp() throws {
      let folder = try Folder()
      let suite = try folder.write("suite.yaml", Self.suite)
      let outcome = try Tool.run(["bill", "--suite", suite, "--output", folder.path("bill")], in: folder)
      try #require(outcome.status == 0, "\(outcome.errors)")
      for name in ["bill.json", "bill.csv", "bill.md", "bill.html", "bill.folded"] {
        #expect(folder.contains("bill/\(name)"))
      }
      let bill = try BillStore.read(folder.path("bill"))
      #expect(bill.run.passes == 2 && bill.lines.map(\.workload.id) == ["exits.cpuid", "exits.pio.user"])
      for line in bill.lines {
        let instructions = try #require(line.instructions, "\(line.reason ?? "")")
        #expect(instructions.width == 0, "\(line.name): \(instructions.passes)")
        // KVM's way out of a guest and back takes a thousand instructions at least.
        #expect(instructions.low > 1000)
        // The host's timer may add an exit to a hundred.
        let exits = try #require(line.counts["exits"]).value
        #expect(exits >= 1 && exits < 1.1, "\(line.name): \(exits)")
        let (layers, mean) = (try #require(line.layers, "no layers: \(outcome.errors)"), try #require(line.mean).value)
        #expect(abs(layers.values.reduce(0, +) - mean) < mean * 0.005, "\(line.name): \(layers), \(mean)")
        #expect((layers["kvm"] ?? 0) > 500)
      }
      // Only one of the two is answered by the monitor.
      #expect(bill.lines[0].layers?["monitor"] == 0 && (bill.lines[1].layers?["monitor"] ?? 0) > 50)
      #expect(bill.lines[0].counts["userExits"]?.value == 0)
      // Each exit to the monitor ends a system call, and no other is made.
      let calls = try bill.lines.map { try #require($0.counts["systemCalls"]).value }
      #expect(calls[0] < 0.1 && calls[1] > 0.9 && calls[1] < 1.1, "\(calls)")
      #expect(bill.lines[1].functions?.contains { $0.name == "kvm_arch_vcpu_ioctl_run" && $0.layer == "kvm" } == true)
    }

    @Test func aHostThatCannotBeMadeIsSaidInOneLine() throws {
      let folder = try Folder()
      let suite = try folder.write("suite.yaml", Self.suite)
      let kernel = try Tool.run(
        ["bill", "--suite", suite, "--kernel", folder.path("no.deb"), "--output", folder.path("b")], in: folder)
      #expect([64, 69].contains(kernel.status), "\(kernel.errors)")
      let foreign = try Tool.run(["bill", "--monitor", "native", "--output", folder.path("b")], in: folder)
      #expect(foreign.status == 64)
      let nothing = try Tool.run(
        ["bill", "--suite", suite, "--monitor", "qemu", "--output", folder.path("b")], in: folder)
      #expect(nothing.status == 64 && nothing.errors.contains("measures nothing"))
    }

    // MARK: Bills that are there

    /// A bill whose `exits.trap` costs so much.
    private func write(_ instructions: Double, to folder: Folder, _ name: String, suite: String = "tiny") throws
      -> String
    {
      var line = BillLine(Workload("exits.trap"), Path(.nearmetal, .guest), status: .ok, statistic: .median)
      line.instructions = BillFigure([instructions, instructions])
      let bill = Bill(
        run: BillRun(
          id: name, startedAt: "2026-11-29T10:00:00Z", suite: suite, content: nil, command: ["nearmetal"],
          tool: ToolRecord(version: "0.1.0", revision: name, swift: "6.3"), buildConfiguration: .release, passes: 2),
        host: BillHost(
          backend: .svm, emulator: "QEMU", processor: "EPYC", kernel: nil, release: "6.1", version: "#1", append: []),
        lines: [line])
      try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
      _ = try folder.write("\(name)/bill.json", String(decoding: try BillStore.encode(bill), as: UTF8.self))
      return folder.path(name)
    }

    @Test func aGateOnBillsFailsByTheLineThatCostsMore() throws {
      let folder = try Folder()
      let (base, head) = (try write(2937, to: folder, "b61"), try write(3103, to: folder, "b612"))
      func gate(_ threshold: String, _ head: String) throws -> Tool.Outcome {
        try Tool.run(
          ["gate", "--base-bill", base, "--head-bill", head, "--threshold", threshold, "--output", folder.path("out")],
          in: folder)
      }
      let failed = try gate("1%", head)
      #expect(failed.status == 2 && failed.errors.contains("exits.trap"), "\(failed.errors)")
      #expect(try folder.text("out/junit.xml").contains("failures=\"1\""))
      #expect(try gate("166", head).status == 0)
      #expect(try gate("165", head).status == 2)
      let other = try write(2937, to: folder, "other", suite: "exits")
      let refused = try gate("1%", other)
      #expect(refused.status == 5 && refused.errors.contains("the suite"), "\(refused.errors)")
      #expect(try gate("many", head).status == 64)
      #expect(try Tool.run(["bill", "diff", base, folder.path("none")], in: folder).status == 64)
      let shown = try Tool.run(["bill", "diff", base, head], in: folder)
      #expect(shown.status == 0 && shown.output.contains("+166 (+5.7 %)"), "\(shown.output)")
    }

    /// A repository whose revisions each build a bill; one of them costs more, and one does not build.
    @Test(.enabled(if: Tool.has("git"), "git is absent"))
    func aBisectionFindsTheRevisionThatCostsMore() throws {
      let folder = try Folder()
      let good = try write(1428, to: folder, "good")
      let worse = try write(1448, to: folder, "worse")
      try FileManager.default.createDirectory(atPath: folder.path("tree"), withIntermediateDirectories: true)
      func git(_ arguments: [String]) throws -> Tool.Outcome {
        try Tool.run(
          ["-C", folder.path("tree"), "-c", "user.name=t", "-c", "user.email=t@example.org"] + arguments,
          with: "/usr/bin/git", in: folder)
      }
      #expect(try git(["init", "-q"]).status == 0)
      for revision in 1...8 {
        let bill = revision < 6 ? good : worse
        let script = revision == 4 ? "exit 1\n" : "rm -rf built; cp -r '\(bill)' built # \(revision)\n"
        _ = try folder.write("tree/build.sh", script)
        #expect(try git(["add", "build.sh"]).status == 0)
        #expect(try git(["commit", "-q", "-m", "revision \(revision)"]).status == 0)
      }
      #expect(try git(["bisect", "start", "HEAD", "HEAD~7"]).status == 0)
      let run = try git([
        "bisect", "run", "sh", "-c",
        "exec '\(Tool.path)' bisect --base-bill '\(good)' --threshold 0.5% --build 'sh build.sh' --head-bill built",
      ])
      #expect(run.status == 0, "\(run.output) \(run.errors)")
      #expect(run.output.contains("is the first bad commit"), "\(run.output)")
      let found = try git(["log", "-1", "--format=%s", "refs/bisect/bad"])
      #expect(found.output == "revision 6\n")
    }
  }
}
