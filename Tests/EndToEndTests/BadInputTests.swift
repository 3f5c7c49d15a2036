import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// Bad input gets one clear line, the documented status, and leaves nothing behind.
  @Suite("Bad input", .serialized)
  struct BadInputTests {
    private func expectOneLine(_ outcome: Tool.Outcome, _ status: Int32, _ words: [String], _ place: SourceLocation) {
      #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: place)
      let lines = outcome.errors.split(whereSeparator: \.isNewline)
      #expect(lines.count == 1, "\(outcome.errors)", sourceLocation: place)
      for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: place) }
    }

    @Test func anUnknownWorkloadIsNamedWithItsLine() throws {
      let folder = try Folder()
      let suite = try folder.write("suite.yaml", "name: bad\nworkloads:\n  - cpu.integer\n  - cpu.unheard\n")
      let outcome = try Tool.run(["run", suite, "--output", folder.path("out")], in: folder)
      expectOneLine(outcome, 64, ["suite.yaml:4", "expected a workload", "cpu.unheard"], #_sourceLocation)
      #expect(!folder.contains("out"))
    }

    @Test func aSuiteThatDoesNotExistIsSaid() throws {
      let folder = try Folder()
      let outcome = try Tool.run(["run", "no-such-suite"], in: folder)
      expectOneLine(outcome, 64, ["no-such-suite", "quick"], #_sourceLocation)
    }

    @Test func aGuestThatIsNotThereIsSaidWithWhatMakesIt() throws {
      let folder = try Folder()
      let outcome = try Tool.run(["run", "linux", "--output", folder.path("out")], in: folder)
      expectOneLine(
        outcome, 64, ["guest/vmlinuz", "No such file", "ci/linux-guest --tool fio guest"], #_sourceLocation)
      #expect(!folder.contains("out"))
    }

    @Test func aKernelThatIsNoneIsSaid() throws {
      let folder = try Folder()
      let suite = try folder.write(
        "suite.yaml", "name: s\nkernel: suite.yaml\ninitrd: suite.yaml\nworkloads: [linux.boot]\n")
      let outcome = try Tool.run(["run", suite, "--output", folder.path("out")], in: folder)
      expectOneLine(outcome, 64, ["suite.yaml: no kernel", "bzImage"], #_sourceLocation)
      #expect(!folder.contains("out"))
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func aTruncatedProbeIsRefusedBeforeAnythingRuns() throws {
      let folder = try Folder()
      let image = URL(filePath: Tool.path).deletingLastPathComponent().appending(
        path: "NearMetal_Probe.resources/probe.elf")
      let bytes = try Data(contentsOf: image)
      try bytes.prefix(bytes.count / 2).write(to: URL(filePath: folder.path("probe.elf")))
      let outcome = try Tool.run(
        ["run", "quick", "--probe", folder.path("probe.elf"), "--output", folder.path("out")], in: folder)
      expectOneLine(outcome, 64, ["probe.elf", "truncated"], #_sourceLocation)
      #expect(!folder.contains("out"))
    }

    @Test(
      .enabled(if: Tool.isRoot && Tool.hasKVM, "only root can become a user without access to /dev/kvm"),
      .enabled(if: Tool.has("setpriv"), "setpriv is absent"))
    func aUserWithoutAccessToKVMIsToldHowToGetIt() throws {
      let folder = try Folder()
      try #require(unsafe chmod(folder.path(""), 0o777) == 0)
      let outcome = try Tool.run(
        [
          "--reuid=65534", "--regid=65534", "--clear-groups", Tool.path, "run", "quick", "--output", folder.path("out"),
        ],
        with: "/usr/bin/setpriv", in: folder)
      expectOneLine(outcome, 69, ["/dev/kvm", "kvm group"], #_sourceLocation)
      #expect(!folder.contains("out"))
    }

    @Test(.enabled(if: Tool.nodeCount < 2, "this host has the nodes that the plan asks for"))
    func aPlacementThatTheHostDoesNotHaveIsSaid() throws {
      let folder = try Folder()
      let out = folder.path("out")
      let remote = try Tool.run(["run", "quick", "--placement", "remote-node", "--output", out], in: folder)
      expectOneLine(remote, 69, ["remote-node", "one NUMA node"], #_sourceLocation)
      let node = try Tool.run(["run", "quick", "--placement", "memory=77", "--output", out], in: folder)
      expectOneLine(node, 69, ["node 77", "this host has"], #_sourceLocation)
      #expect(try Tool.run(["run", "quick", "--placement", "memory=0,cpu=1"], in: folder).status == 64)
      #expect(!folder.contains("out"))
    }

    @Test func reservedPagesThatAreNotThereAreSaid() throws {
      let folder = try Folder()
      let suite = try folder.write(
        "suite.yaml", "name: s\nmemory: 1024GiB\nmachines: [native]\nworkloads: [cpu.integer]\n")
      let outcome = try Tool.run(
        ["run", suite, "--huge-pages", "hugetlb", "--output", folder.path("out")], in: folder)
      expectOneLine(outcome, 69, ["hugetlb"], #_sourceLocation)
      #expect(!folder.contains("out"))
    }

    @Test(
      .enabled(if: Tool.isRoot, "only root can become another user"),
      .enabled(if: Tool.has("setpriv"), "setpriv is absent"))
    func tuningWithoutRootIsRefusedAndChangesNothing() throws {
      let folder = try Folder()
      try #require(unsafe chmod(folder.path(""), 0o777) == 0)
      for action in ["--apply", "--reset"] {
        let outcome = try Tool.run(
          [
            "--reuid=65534", "--regid=65534", "--clear-groups", Tool.path, "host", "tune", action, "--state",
            folder.path("tune.json"),
          ],
          with: "/usr/bin/setpriv", in: folder)
        expectOneLine(outcome, 69, ["root"], #_sourceLocation)
      }
      #expect(!folder.contains("tune.json"))
      #expect(try Tool.run(["host", "tune", "--show", "--format", "json"], in: folder).status == 0)
    }

    @Test func aDamagedResultIsNamedWithItsPlace() throws {
      let folder = try Folder()
      _ = try folder.write("result.json", "{\"schema\": \"nearmetal.result/1\", \"run\": {")
      let outcome = try Tool.run(["report", folder.path("")], in: folder)
      expectOneLine(outcome, 64, ["result.json"], #_sourceLocation)
      #expect(!folder.contains("report.html"))
    }

    @Test func anUnknownOptionIsAUsageError() throws {
      let folder = try Folder()
      #expect(try Tool.run(["run", "--no-such-option"], in: folder).status == 64)
      #expect(try Tool.run(["run", "--blocks", "0"], in: folder).status == 64)
    }
  }
}
