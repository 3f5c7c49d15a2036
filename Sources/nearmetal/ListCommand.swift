import ArgumentParser
import Definitions
import Results
import Runner
import Verdicts

/// `nearmetal list`.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists workloads, suites, claims or events.",
    discussion: "Example: nearmetal list workloads",
    subcommands: [Workloads.self, Suites.self, Claims.self, EventsCommand.self])

  struct Workloads: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Every workload with its parameters and the machines it runs on.",
      discussion: "Example: nearmetal list workloads --format json")
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() throws {
      let rows = WorkloadCatalog.all.map(WorkloadRow.init)
      switch format {
      case .json: try printJSON(rows)
      case .text:
        for row in rows {
          let parameters = row.parameters.isEmpty ? "" : " [\(row.parameters.keys.sorted().joined(separator: ", "))]"
          printLine("\(row.id)\(parameters): \(row.summary) (\(row.paths.joined(separator: ", ")))")
        }
      }
    }
  }

  struct Suites: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The suites that come with the program.", discussion: "Example: nearmetal list suites")
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() throws {
      let rows = try SuiteReader.shipped.map { name in
        do throws(DefinitionError) { return SuiteRow(try SuiteReader.read(name)) } catch {
          throw end(error)
        }
      }
      switch format {
      case .json: try printJSON(rows)
      case .text:
        for row in rows {
          printLine("\(row.name): \(row.summary) (\(row.blocks) blocks, \(row.workloads.count) workloads)")
        }
      }
    }
  }

  struct Claims: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The claims that come with the program.", discussion: "Example: nearmetal list claims --format json")
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() throws {
      let claims = try Tool.claims()
      switch format {
      case .json: try printJSON(claims)
      case .text:
        for claim in claims {
          printLine("\(claim.id) (\(claim.requirement.rawValue)): \(claim.text)\n  \(claim.source)")
        }
      }
    }
  }

  private struct WorkloadRow: Encodable {
    let id: String
    let kind: String
    let summary: String
    let parameters: [String: String]
    let paths: [String]

    init(_ workload: WorkloadDefinition) {
      id = workload.id
      kind = workload.kind.rawValue
      summary = workload.summary
      parameters = Dictionary(
        uniqueKeysWithValues: workload.parameters.map { parameter in
          (parameter.name, parameter.summary + (parameter.choices.map { ": \($0.joined(separator: ", "))" } ?? ""))
        })
      paths = workload.paths.map(\.description)
    }
  }

  private struct SuiteRow: Encodable {
    let name: String
    let summary: String
    let blocks: Int
    let workloads: [String]

    init(_ suite: Suite) {
      name = suite.name
      summary = suite.summary
      blocks = suite.blocks
      workloads = suite.entries.map(\.workload.id)
    }
  }
}
