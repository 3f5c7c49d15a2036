import ArgumentParser
import Definitions
import Reports
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
      commandName: "workloads",
      abstract: "Every workload with its parameters and the machines it runs on.",
      discussion: """
        Examples:
          nearmetal list workloads
          nearmetal list workloads block.randread
          nearmetal list workloads --format json
        """)
    @Argument(help: "A workload's id, to see all that it takes.")
    var workload: String?
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() throws {
      if let workload {
        guard let definition = WorkloadCatalog[workload] else {
          let question = Spelling.question(workload, among: WorkloadCatalog.all.map(\.id))
          throw end(Status.usage, "expected a workload (see nearmetal list workloads), found \(workload)\(question)")
        }
        switch format {
        case .json: try printJSON(WorkloadRow(definition))
        case .text: try printScreen(TerminalOptions(style: .standardOutput).text(WorkloadScreen.whole(definition)))
        }
        return
      }
      switch format {
      case .json: try printJSON(WorkloadCatalog.all.map(WorkloadRow.init))
      case .text:
        try printScreen(TerminalOptions(style: .standardOutput).text(WorkloadScreen.list(WorkloadCatalog.all)))
      }
    }
  }

  struct Suites: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "suites",
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
          printLine(
            "\(row.name): \(row.summary) (\(row.blocks) blocks, \(row.workloads.count) workloads, about "
              + "\(SuiteCommand.time(row.seconds)))")
        }
      }
    }
  }

  struct Claims: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "claims",
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
    struct Parameter: Encodable {
      let name: String
      let summary: String
      let values: String
      let unit: String?
      let standard: String?
    }

    let id: String
    let kind: String
    let summary: String
    let parameters: [String: String]
    let details: [Parameter]
    let paths: [String]

    init(_ workload: WorkloadDefinition) {
      id = workload.id
      kind = workload.kind.rawValue
      summary = workload.summary
      parameters = Dictionary(
        uniqueKeysWithValues: workload.parameters.map { parameter in
          (parameter.name, parameter.summary + (parameter.choices.map { ": \($0.joined(separator: ", "))" } ?? ""))
        })
      details = workload.parameters.map {
        Parameter(name: $0.name, summary: $0.summary, values: $0.values, unit: $0.unit, standard: $0.standard)
      }
      paths = workload.paths.map(\.description)
    }
  }

  private struct SuiteRow: Encodable {
    let name: String
    let summary: String
    let blocks: Int
    let workloads: [String]
    /// That a run takes, as a rule.
    let seconds: Double

    init(_ suite: Suite) {
      name = suite.name
      summary = suite.summary
      blocks = suite.blocks
      workloads = suite.entries.map(\.workload.id)
      seconds = SuiteEstimate(suite).seconds
    }
  }
}
