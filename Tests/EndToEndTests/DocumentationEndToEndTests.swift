import Foundation
import Testing

extension EndToEnd {
  /// The guide's commands, as they stand there.
  @Suite("Documentation", .serialized)
  struct DocumentationEndToEndTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()

    private static func pages() -> [String] {
      let folder = root.appending(path: "Documentation").path
      let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
      return ["README.md", "Reports/README.md"]
        + names.filter { $0.hasSuffix(".md") }.map { "Documentation/\($0)" }.sorted()
    }

    /// Command lines of this program in a page's blocks of code, without what the shell makes of the rest.
    private static func commands(_ page: String) throws -> [String] {
      let text = try String(contentsOf: root.appending(path: page), encoding: .utf8)
      return text.split(separator: "\n").compactMap { line in
        guard line.hasPrefix("    ") else { return nil }
        let command = line.drop { $0 == " " }
        guard command.hasPrefix("ci/nearmetal ") || command.hasPrefix("nearmetal ") else { return nil }
        return String(command)
      }
    }

    /// The words of a command line, as a shell would have them: up to a comment, a redirection or another command.
    private static func words(_ command: String, in folder: Folder) throws -> [String] {
      let plain = command.replacing(/\s+#.*$/, with: "").replacing(/\s+(>|&&|;|\|).*$/, with: "")
      let outcome = try Tool.run(["-c", "printf '%s\\n' \(plain)"], with: "/bin/sh", in: folder)
      return outcome.output.split(separator: "\n").dropFirst().map(String.init)
    }

    @Test func everyCommandIsUnderstood() throws {
      let folder = try Folder()
      var count = 0
      for page in Self.pages() {
        for command in try Self.commands(page) {
          let words = try Self.words(command, in: folder)
          let outcome = try Tool.run(["reference", "parse"] + words, in: folder)
          #expect(outcome.status == 0, "\(page): \(command): \(outcome.errors)")
          count += 1
        }
      }
      #expect(count > 40, "only \(count) commands were found")
      #expect(try Tool.run(["reference", "parse", "run", "--no-such-option"], in: folder).status == 64)
    }

    @Test(arguments: ["commands", "workloads"])
    func thePagesThatAreMadeFromTheProgramAreAsItMakesThem(page: String) throws {
      let folder = try Folder()
      let made = try Tool.run(["reference", page], in: folder)
      let kept = try String(
        contentsOf: Self.root.appending(path: "Documentation/reference/\(page).md"), encoding: .utf8)
      #expect(
        made.status == 0 && made.output == kept, "run: nearmetal reference \(page) > Documentation/reference/\(page).md"
      )
    }

    /// What stands for the suites that come with the program.
    private static func short(blocks: Int) -> String {
      """
      name: quick
      blocks: \(blocks)
      warmup: 1ms
      window: 8ms
      memory: 64MiB
      disk: 64MiB
      machines: [native, nearmetal]
      workloads:
        - cpu.integer
        - id: block.randread
          parameters: {bs: 4KiB, qd: 1, backing: file}
          modes: [polled]
        - id: block.randread
          parameters: {bs: 4KiB, qd: 4, backing: memory}
          modes: [polled]
        - exits.cpuid
      """
    }

    /// The tutorial from its first to its last command, with the quick suite made shorter.
    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func theTutorialEndsAtAGate() throws {
      let folder = try Folder()
      let suite = try folder.write("quick.yaml", Self.short(blocks: 5))
      for command in try Self.commands("Documentation/tutorial.md") {
        let words = try Self.words(command, in: folder)
        let line = (["exec"] + ["\"$0\""] + words.map { "'\($0 == "quick" ? suite : $0)'" }).joined(separator: " ")
        let outcome = try Tool.run(
          ["-c", "cd '\(folder.path(""))' && \(line)", Tool.path], with: "/bin/sh", in: folder)
        // A debug build compares nothing, and few short windows decide little.
        #expect([0, 2, 5, 7].contains(outcome.status), "\(command): \(outcome.status): \(outcome.errors)")
        #expect(!outcome.output.isEmpty || words.first == "baseline", "\(command)")
      }
      #expect(folder.contains("out/report.html") && folder.contains("gate/gate.json"))
    }

    // MARK: The pages beside the tutorial

    /// What a page's commands take that a machine for tests has not, and what stands for it.
    private static let substitutes = [
      ("ci/nearmetal ", "nearmetal "), ("/srv/data", "."), ("/dev/nvme0n1", "raw.img"),
      ("/var/lib/prometheus/node-exporter", "."), ("--blocks 20", "--blocks 5"), ("--at-most 10m", "--at-most 10s"),
      ("--placement 2,3", "--placement \(Tool.cpus.prefix(2).map(String.init).joined(separator: ","))"),
    ]

    /// Commands that take longer than a test of pages may, or a guest, and which tests run their like.
    private static let elsewhere: [(word: String, suite: String)] = [
      ("--base-binary", "GateEndToEndTests"), ("bill", "BillEndToEndTests"), ("--base-bill", "BillEndToEndTests"),
      ("qualify", "QualifyEndToEndTests"), ("bundle", "QualifyEndToEndTests"), ("--firmware", "FirmwareEndToEndTests"),
      ("boot", "BootEndToEndTests"), ("calibrate", "CalibrateEndToEndTests"),
    ]

    /// A page's commands in their order, in a folder of their own, as a shell has them: suites are short ones of the same name, and
    /// results that a page takes up are the sample.
    @Test(
      .enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"),
      arguments: pages().filter { page in
        !page.hasSuffix("tutorial.md") && !page.hasSuffix("commands.md") && (try? commands(page))?.isEmpty == false
      })
    func aPagesCommandsRun(page: String) throws {
      let folder = try Folder()
      for command in try Self.commands(page) {
        let words = try Self.words(command, in: folder)
        if let (_, suite) = Self.elsewhere.first(where: { words.contains($0.word) }) {
          #expect(
            FileManager.default.fileExists(atPath: Self.root.appending(path: "Tests/EndToEndTests/\(suite).swift").path)
          )
          continue
        }
        try provide(words, in: folder)
        var line = Self.substitutes.reduce(command) { $0.replacing($1.0, with: $1.1) }
        if words.first == "run" { line = line.replacing("run \(words[1])", with: "run short.yaml") }
        let home = "cd '\(folder.path(""))'; export HOME=$PWD; unset XDG_DATA_HOME XDG_STATE_HOME"
        let program = "nearmetal() { '\(Tool.path)' \"$@\"; }"
        let outcome = try Tool.run(["-c", "\(home); \(program); \(line)"], with: "/bin/sh", in: folder)
        // A debug build compares nothing, and few short windows decide little.
        #expect([0, 2, 5, 7].contains(outcome.status), "\(command): \(outcome.status): \(outcome.errors)")
      }
    }

    /// What a command takes up and no earlier one of its page has made. What a debug build measured belongs into no history.
    private func provide(_ words: [String], in folder: Folder) throws {
      let made = words.firstIndex(of: "--output").map { words[$0 + 1] }
      for word in words where ["out", "out2", "before", "after"].contains(word) && word != made {
        guard words.first == "history" || !folder.contains(word) else { continue }
        try FileManager.default.createDirectory(atPath: folder.path(word), withIntermediateDirectories: true)
        let sample = try String(contentsOf: Self.root.appending(path: "Reports/sample/result.json"), encoding: .utf8)
        _ = try folder.write("\(word)/result.json", sample)
      }
      if words.first == "image" || words.contains("--image") {
        for image in ["raw.img", "disk.vhd"] where !folder.contains(image) {
          _ = try Tool.run(["image", "create", folder.path(image), "128M"], in: folder)
        }
      }
      _ = try folder.write("short.yaml", Self.short(blocks: 1))
    }

    /// The first minute of somebody new, after the build: two commands.
    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func aNewcomersFirstTwoCommandsFitAScreenEach() throws {
      let folder = try Folder()
      for command in ["host", "run quick --blocks 5 --scale 0.05 --output \(folder.path("out"))"] {
        let outcome = try Tool.run(["-c", "exec \"$0\" \(command) 2>&1", Tool.path], with: "/bin/sh", in: folder)
        #expect([0, 3].contains(outcome.status), "\(outcome.output)")
        let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 60, "\(command): \(outcome.output)")
        #expect(lines.allSatisfy { $0.count <= 120 }, "\(lines.filter { $0.count > 120 })")
      }
    }
  }
}
