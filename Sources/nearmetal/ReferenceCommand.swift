import ArgumentParser
import Definitions
import LinuxSystem
import Reports
import Results

/// `nearmetal reference`: the parts of the guide that are made from the program itself.
struct ReferenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference", abstract: "Prints pages of the guide that are made from the program itself.",
    discussion: "Example: nearmetal reference commands > Documentation/reference/commands.md", shouldDisplay: false,
    subcommands: [Commands.self, Workloads.self, Parse.self])

  struct Commands: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Every command with its options, as Markdown.")

    func run() throws {
      var page = "# Commands\n\nMade by `nearmetal reference commands`. Exit statuses: [the table](exit-codes.md).\n"
      Self.add(NearMetal.self, "nearmetal", to: &page)
      try printText(page)
    }

    /// A command and those below it; hidden ones are left out.
    private static func add(_ command: any ParsableCommand.Type, _ name: String, to page: inout String) {
      let help = NearMetal.helpMessage(for: command, columns: 100)
      let lines = help.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        line.lastIndex { $0 != " " }.map { String(line[...$0]) } ?? ""
      }
      page += "\n## \(name)\n\n```text\n\(lines.joined(separator: "\n").trimmed)\n```\n"
      for part in command.configuration.subcommands where part.configuration.shouldDisplay {
        add(part, "\(name) \(part._commandName)", to: &page)
      }
    }
  }

  struct Workloads: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The catalogue of workloads, as Markdown.")

    func run() throws {
      var page = """
        # Workloads

        Made by `nearmetal reference workloads`. A parameter that is not given has its default; numbers take units (`4KiB`, `1ms`).

        """
      for workload in WorkloadCatalog.all {
        page +=
          "\n## \(workload.id)\n\n\(workload.summary).\n\nOn \(workload.paths.map(\.description).joined(separator: ", "))."
        page += workload.writes ? " Writes to its disk.\n" : "\n"
        guard !workload.parameters.isEmpty else { continue }
        page += "\n| parameter | default | values | meaning |\n|---|---|---|---|\n"
        for parameter in workload.parameters {
          let unit = parameter.unit.map { " \($0)" } ?? ""
          page +=
            "| `\(parameter.name)` | \(parameter.standard ?? "") | \(parameter.values)\(unit) | \(parameter.summary) |\n"
        }
      }
      try printText(page)
    }
  }

  struct Parse: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says whether a command line would be understood; runs nothing.",
      discussion: "Example: nearmetal reference parse run quick --output out")
    @Argument(parsing: .captureForPassthrough, help: "The words behind nearmetal.")
    var words: [String] = []

    func run() throws {
      do { _ = try NearMetal.parseAsRoot(words) } catch {
        throw end(Status.usage, NearMetal.fullMessage(for: error))
      }
    }
  }
}
