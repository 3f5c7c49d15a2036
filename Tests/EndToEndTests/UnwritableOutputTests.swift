import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// What cannot be written ends the program with 74 and one line that says which file, why, and what is kept; what cannot be
  /// read stays a 64.
  @Suite("Unwritable output", .serialized)
  struct UnwritableOutputTests {
    /// The result of the report that the repository shows.
    private static let sample = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Reports/sample/result.json").path

    private func expectUnwritable(
      _ outcome: Tool.Outcome, _ words: [String], _ place: SourceLocation
    ) {
      #expect(outcome.status == 74, "\(outcome.errors)", sourceLocation: place)
      let lines = outcome.errors.split(whereSeparator: \.isNewline)
      #expect(lines.count == 1, "\(outcome.errors)", sourceLocation: place)
      for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: place) }
    }

    /// Runs the program by the shell: for redirections.
    private func shell(_ line: String, in folder: Folder) throws -> Tool.Outcome {
      try Tool.run(["-c", line, Tool.path, Self.sample, folder.path("")], with: "/bin/sh", in: folder)
    }

    @Test(arguments: [
      "list suites", "list suites --format json", "explain \"$1\" --format json", "--help", "--version",
    ])
    func aFullStandardOutputIsSaid(command: String) throws {
      let folder = try Folder()
      let outcome = try shell("exec \"$0\" \(command) >/dev/full", in: folder)
      expectUnwritable(outcome, ["standard output", "No space left on device"], #_sourceLocation)
    }

    @Test func aClosedStandardOutputIsSaid() throws {
      let folder = try Folder()
      expectUnwritable(
        try shell("exec \"$0\" list suites >&-", in: folder), ["standard output", "Bad file descriptor"],
        #_sourceLocation)
    }

    @Test func standardErrorMayBeFull() throws {
      let folder = try Folder()
      let outcome = try shell("exec \"$0\" report /nowhere 2>/dev/full", in: folder)
      #expect(outcome.status == 64)
    }

    /// The work is done, and the status says that a stream lost something.
    @Test(arguments: ["2>/dev/full", "2>&-"])
    func whatStandardErrorLostTheStatusSays(redirection: String) throws {
      let folder = try Folder()
      let outcome = try shell("exec \"$0\" bundle create /nowhere --key k \(redirection)", in: folder)
      #expect(outcome.status == 64)
    }

    @Test func aReaderThatGoesAwayEndsNothing() throws {
      let folder = try Folder()
      // The reader is gone before anything is written.
      let outcome = try shell(
        "{ sleep 0.2; \"$0\" report \"$2\"; echo $? >\"$2/status\"; } | true; sleep 0.1; while ! [ -s \"$2/status\" ]; do "
          + "sleep 0.1; done",
        in: try {
          try FileManager.default.copyItem(
            atPath: Self.sample, toPath: folder.path("result.json"))
          return folder
        }())
      #expect(outcome.status == 0)
      #expect(try folder.text("status") == "74\n")
      #expect(folder.contains("report.html"))
      #expect(outcome.errors.contains("Broken pipe"), "\(outcome.errors)")
    }

    @Test func whatAStrangerWroteIsShownAndDoesNothing() throws {
      let folder = try Folder()
      let text = try String(contentsOfFile: Self.sample, encoding: .utf8)
      let hostile = "cpu.integer\\u001b]0;owned\\u0007\u{202e}\u{9b}31m"
      try text.replacingOccurrences(of: "\"cpu.integer\"", with: "\"\(hostile)\"")
        .write(toFile: folder.path("result.json"), atomically: true, encoding: .utf8)
      for arguments in [
        ["report", folder.path("")], ["compare", folder.path(""), folder.path("")],
        ["compare", folder.path(""), folder.path(""), "--format", "json"], ["explain", folder.path(""), "x\u{1b}[31m"],
        ["report", folder.path("x\u{1b}[31m")],
      ] {
        let outcome = try Tool.run(arguments, in: folder)
        for scalar in (outcome.output + outcome.errors).unicodeScalars where scalar != "\n" {
          #expect(scalar.value >= 0x20 && !(0x7f..<0xa0).contains(scalar.value) && scalar != "\u{202e}", "\(arguments)")
        }
      }
    }

    @Test func aFileInPlaceOfAFolderIsSaidAndStaysAsItIs() throws {
      let folder = try Folder()
      let file = try folder.write("file", "precious")
      for arguments in [
        ["baseline", "record", "main", Self.sample, "--directory", file],
        ["history", "add", Self.sample, "--database", "\(file)/history.sqlite"],
        ["compare", Self.sample, Self.sample, "--output", "\(file)/compare.html"],
        ["gate", "--base", Self.sample, "--head", Self.sample, "--output", file],
      ] {
        expectUnwritable(try Tool.run(arguments, in: folder), [file], #_sourceLocation)
      }
      #expect(try folder.text("file") == "precious")
    }

    @Test func aReportThatCannotBeReplacedIsNamedAndTheResultIsKept() throws {
      let folder = try Folder()
      try FileManager.default.copyItem(atPath: Self.sample, toPath: folder.path("result.json"))
      try FileManager.default.createDirectory(atPath: folder.path("junit.xml"), withIntermediateDirectories: false)
      let outcome = try Tool.run(["report", folder.path("")], in: folder)
      expectUnwritable(outcome, ["junit.xml", "Is a directory"], #_sourceLocation)
      #expect(FileManager.default.contentsEqual(atPath: folder.path("result.json"), andPath: Self.sample))
    }

    @Test(
      .enabled(if: Tool.isRoot, "only root may mount"), .enabled(if: Tool.has("unshare"), "unshare is absent"))
    func aFullDiskIsSaidAndTheResultIsKept() throws {
      let folder = try Folder()
      let size = try #require(try FileManager.default.attributesOfItem(atPath: Self.sample)[.size] as? Int)
      // Room for the result and the first tables, not for the page.
      let line = """
        mkdir "$2/disk" && mount -t tmpfs -o size=\(size + (64 << 10)) none "$2/disk" && cp "$1" "$2/disk/result.json" || exit 99
        "$0" report "$2/disk"; status=$?
        cmp -s "$1" "$2/disk/result.json" || exit 98
        test -z "$(ls "$2/disk" | grep partial)" || exit 97
        exit $status
        """
      let outcome = try Tool.run(
        ["--mount", "/bin/sh", "-c", line, Tool.path, Self.sample, folder.path("")], with: "/usr/bin/unshare",
        in: folder)
      expectUnwritable(outcome, ["disk/", "No space left on device", "Free some space"], #_sourceLocation)
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func anOutputFolderThatCannotBeMadeIsSaidBeforeAnythingRuns() throws {
      let folder = try Folder()
      let file = try folder.write("file", "precious")
      for path in ["/proc/nearmetal", file, "\(file)/out"] {
        expectUnwritable(try Tool.run(["run", "quick", "--output", path], in: folder), [path], #_sourceLocation)
      }
      let qualify = ["qualify", "--profile", "qualify-smoke", "--vendor", "v", "--model", "m", "--output"]
      expectUnwritable(
        try Tool.run(qualify + [file], in: folder), [file, "the same command goes on"], #_sourceLocation)
      #expect(try folder.text("file") == "precious")
    }

    @Test func whatCannotBeReadStaysAUsageError() throws {
      let folder = try Folder()
      for arguments in [
        ["report", folder.path("absent")], ["history", "show", "--database", folder.path("absent")],
        ["bundle", "verify", folder.path("absent")], ["claims", Self.sample, "--claims", folder.path("absent.yaml")],
      ] {
        let outcome = try Tool.run(arguments, in: folder)
        #expect(outcome.status == 64, "\(outcome.errors)")
        #expect(outcome.errors.split(whereSeparator: \.isNewline).count == 1, "\(outcome.errors)")
      }
    }
  }
}
