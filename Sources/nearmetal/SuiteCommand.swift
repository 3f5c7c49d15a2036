import ArgumentParser
import Definitions
import LinuxSystem
import Results

/// `nearmetal suite`.
struct SuiteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suite", abstract: "Checks a suite of your own, or shows one that comes with the program.",
    discussion: """
      Examples:
        nearmetal suite show quick > mine.yaml
        nearmetal suite check mine.yaml
        nearmetal suite schema suite > suite.schema.json
      """,
    subcommands: [Check.self, Show.self, Schema.self])

  /// Seconds as people say them.
  static func time(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return whole < 100 ? "\(whole) s" : whole < 5400 ? "\((whole + 30) / 60) min" : "\((whole + 1800) / 3600) h"
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Says whether a suite can be run, and how long that takes.",
      discussion:
        "Example: nearmetal suite check mine.yaml\n\nExit status 64 where it cannot, with the line and what was expected."
    )
    @Argument(help: "The paths of YAML files, or names of suites.")
    var suites: [String]
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() throws {
      let rows = try suites.map { name in
        do throws(DefinitionError) { return Row(name, try SuiteReader.read(name)) } catch { throw end(error) }
      }
      switch format {
      case .json: try printJSON(rows)
      case .text:
        for row in rows {
          printLine(
            "\(row.file): valid: suite \(row.name), \(row.workloads) workloads, \(row.legs) legs in \(row.blocks) blocks; about "
              + "\(SuiteCommand.time(row.seconds)), at least \(SuiteCommand.time(row.leastSeconds))")
        }
      }
    }

    private struct Row: Encodable {
      let file: String
      let name: String
      let blocks: Int
      let workloads: Int
      let legs: Int
      let boots: Int
      let seconds: Double
      let leastSeconds: Double

      init(_ file: String, _ suite: Suite) {
        let estimate = SuiteEstimate(suite)
        self.file = file
        (name, blocks, workloads) = (suite.name, suite.blocks, suite.entries.count)
        (legs, boots) = (estimate.legs, estimate.boots)
        (seconds, leastSeconds) = (estimate.seconds, estimate.windows)
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Prints the YAML of a suite, as a start for one of your own.",
      discussion: "Example: nearmetal suite show quick")
    @Argument(help: "The suite's name (see nearmetal list suites) or the path of a YAML file.")
    var suite: String

    func run() throws {
      do {
        let path = try SuiteReader.file(suite)
        _ = try SuiteReader.read(suite)
        try printText(String(decoding: try AtomicFile.read(path), as: UTF8.self))
      } catch let code as ExitCode { throw code } catch { throw end(error) }
    }
  }

  struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "schema",
      abstract: "Prints the JSON schema of suites, claims or profiles, by which editors complete and check.",
      discussion: """
        Example: nearmetal suite schema claims

        For editors with the YAML language server, begin a file with
          # yaml-language-server: $schema=suite.schema.json
        """)
    @Argument(help: "suite, claims or profile.")
    var kind = DefinitionSchema.suite

    func run() throws {
      let bytes: [UInt8]
      do throws(JSONProblem) { bytes = try kind.bytes() } catch { throw end(error) }
      try printBytes(bytes)
    }
  }
}

extension DefinitionSchema: ExpressibleByArgument {}
