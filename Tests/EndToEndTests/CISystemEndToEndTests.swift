import Foundation
import TestSupport
import Testing

extension EndToEnd {
  /// The scripts of the GitHub action, of the GitHub example and of the GitLab component, run as those systems run them, but for what
  /// they build: that is this build.
  @Suite(
    "CI systems", .serialized,
    .enabled(if: Python.debian.has("yaml"), "python3-yaml is absent: no script is taken out of its YAML"))
  struct CISystemEndToEndTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path

    private static let tiny =
      "name: tiny\nblocks: 7\nwarmup: 1ms\nwindow: 5ms\nmemory: 64MiB\nmachines: [native]\nworkloads: [cpu.integer]\n"

    /// What a Python expression makes of a YAML file's documents, `documents`.
    private static func text(_ file: String, _ expression: String) throws -> String {
      try Python.debian.run(
        "import sys, yaml\ndocuments = list(yaml.safe_load_all(open(sys.argv[1])))\nprint(\(expression))",
        "\(root)/\(file)"
      ).joined(separator: "\n")
    }

    /// This build where a checkout has its own.
    private static func checkout(_ path: String) throws {
      try FileManager.default.createDirectory(atPath: "\(path)/.build/release", withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: "\(path)/.build/release/nearmetal", withDestinationPath: Tool.path)
    }

    /// Runs a script in a folder with variables, as GitHub and GitLab's runners do.
    private static func shell(
      _ script: String, _ variables: [String: String], at path: String, in folder: Folder
    ) throws -> Tool.Outcome {
      let file = try folder.write("script", script)
      return try Tool.run(
        ["-C", path] + variables.map { "\($0.key)=\($0.value)" } + [
          "bash", "--noprofile", "--norc", "-eo", "pipefail", file,
        ], with: "/usr/bin/env", in: folder)
    }

    @Test func theActionGatesAndSaysHow() throws {
      let folder = try Folder()
      try Self.checkout(folder.path("head"))
      try Self.checkout(folder.path("base"))
      let script = try Self.text(
        "action.yml", "next(s['run'] for s in documents[0]['runs']['steps'] if s.get('id') == 'gate')")
      let inputs = try Self.text(
        "action.yml", "'\\n'.join(n + '=' + str(i['default']) for n, i in documents[0]['inputs'].items())")
      #expect(inputs.contains("blocks=10\n") && inputs.contains("margin=0.05\n"), "\(inputs)")
      let outcome = try Self.shell(
        script,
        [
          "SUITE": try folder.write("tiny.yaml", Self.tiny), "BLOCKS": "7", "MARGIN": "0.9", "FAIL_ON": "",
          "OUTPUT": folder.path("gate"), "GITHUB_WORKSPACE": folder.path("head"), "RUNNER_TEMP": folder.path("."),
          "GITHUB_OUTPUT": folder.path("outputs"), "GITHUB_STEP_SUMMARY": folder.path("summary"),
        ], at: folder.path("head"), in: folder)
      let status = try folder.text("outputs")
      // An inconclusive gate is a warning.
      #expect(outcome.status == (status == "status=2\n" ? 2 : 0), "\(status)\(outcome.errors)")
      #expect(["status=0\n", "status=2\n", "status=7\n"].contains(status), "\(outcome.errors)")
      #expect(try folder.text("summary").contains("cpu.integer"))
      #expect(folder.contains("gate/junit.xml") && folder.contains("gate/head/result.json"))
    }

    @Test func theActionsProblemMatcherIsWhereItSays() throws {
      let folder = try Folder()
      let script = try Self.text("action.yml", "documents[0]['runs']['steps'][0]['run']")
      let outcome = try Self.shell(
        script, ["GITHUB_ACTION_PATH": Self.root], at: folder.path("."), in: folder)
      let path = outcome.output.replacing("::add-matcher::", with: "").replacing("\n", with: "")
      let matchers = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any]
      #expect((matchers?["problemMatcher"] as? [Any])?.isEmpty == false)
    }

    @Test func theExampleForGitHubGates() throws {
      let folder = try Folder()
      try Self.checkout(folder.path("head"))
      try Self.checkout(folder.path("base"))
      let script = try Self.text(
        "ci/examples/github-actions.yml",
        "next(s['run'] for s in documents[0]['jobs']['gate']['steps'] if s.get('name') == 'Gate')")
      #expect(script.contains("--suite quick --blocks 10"))
      let outcome = try Self.shell(
        script.replacing("--suite quick --blocks 10", with: "--suite tiny.yaml --blocks 7 --margin 0.9"),
        ["GITHUB_STEP_SUMMARY": folder.path("summary"), "TINY": try folder.write("tiny.yaml", Self.tiny)],
        at: folder.path("."), in: folder)
      #expect([0, 2].contains(outcome.status), "\(outcome.errors)")
      #expect(try folder.text("summary").contains("cpu.integer"))
    }

    @Test func theComponentForGitLabGates() throws {
      let folder = try Folder()
      try Self.checkout(folder.path("."))
      try Self.checkout(folder.path("base"))
      let script = try Self.text(
        "ci/gitlab-component.yml", "documents[1]['nearmetal-gate']['script'][-1]")
      #expect(script.contains("\"$[[ inputs.suite ]]\"") && script.contains("\"$[[ inputs.blocks ]]\""))
      _ = try folder.write("tiny.yaml", Self.tiny)
      let outcome = try Self.shell(
        script.replacing("$[[ inputs.suite ]]", with: "tiny.yaml").replacing("$[[ inputs.blocks ]]", with: "7"), [:],
        at: folder.path("."), in: folder)
      #expect([0, 2, 7].contains(outcome.status), "\(outcome.errors)")
      #expect(folder.contains("gate/junit.xml") && folder.contains("gate/codequality.json"))
    }
  }
}
