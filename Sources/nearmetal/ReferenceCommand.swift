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
    subcommands: [Commands.self, Workloads.self, Manual.self, Parse.self])

  struct Commands: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "commands", abstract: "Every command with its options, as Markdown.")

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
    static let configuration = CommandConfiguration(
      commandName: "workloads", abstract: "The catalogue of workloads, as Markdown.")

    func run() throws {
      var page = """
        # Workloads

        Made by `nearmetal reference workloads`. A parameter that is not given has its default; numbers take units (`4KiB`, `1ms`).

        """
      for workload in WorkloadCatalog.all {
        page += "\n## \(workload.id)\n\n\(workload.summary).\n\nOn \(workload.pathText)."
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

  struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "manual",
      abstract: "Writes a manual page for each command, for man(1).",
      discussion: "Example: nearmetal reference manual /usr/local/share/man/man1")
    @Argument(help: "The directory; made if it is not there.")
    var directory: String

    func run() throws {
      do throws(FileError) {
        try AtomicFile.makeDirectory(directory)
        try Self.write(NearMetal.self, "nearmetal", to: directory)
      } catch { throw end(error) }
    }

    private static func write(
      _ command: any ParsableCommand.Type, _ name: String, to directory: String
    ) throws(FileError) {
      let page = name.split(separator: " ").joined(separator: "-")
      try AtomicFile.write([UInt8](text(command, page).utf8), to: "\(directory)/\(page).1")
      for part in command.configuration.subcommands where part.configuration.shouldDisplay {
        try write(part, "\(name) \(part._commandName)", to: directory)
      }
    }

    /// A page in the macros of man(7): its name, and the help as it is.
    private static func text(_ command: any ParsableCommand.Type, _ page: String) -> String {
      let help = NearMetal.helpMessage(for: command, columns: 78).split(
        separator: "\n", omittingEmptySubsequences: false)
      // A line that begins with a point or an apostrophe would be a request; a backslash begins an escape.
      let lines = help.map { line in
        let plain = line.replacing(scalar: "\\", with: "\\e").replacing(scalar: "-", with: "\\-")
        return line.hasPrefix(".") || line.hasPrefix("'") ? "\\&\(plain)" : plain
      }
      let seeAlso = page == "nearmetal" ? "" : ".SH SEE ALSO\n.BR nearmetal (1)\n"
      return """
        .TH \(page.uppercased()) 1 "" "NearMetal \(Tool.version)" "NearMetal"
        .SH NAME
        \(page.replacing(scalar: "-", with: "\\-")) \\- \(command.configuration.abstract)
        .SH DESCRIPTION
        .nf
        \(lines.joined(separator: "\n"))
        .fi
        \(seeAlso)
        """
    }
  }

  struct Parse: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "parse",
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
