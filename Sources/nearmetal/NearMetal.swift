import ArgumentParser

/// The command line: flags and wording; what it does is done elsewhere.
@main
struct NearMetal: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nearmetal",
    abstract: "Is I/O in a guest on this KVM host as fast as on the metal, and how do you know?",
    discussion: """
      Examples:
        nearmetal run quick --output out    measures for a minute and writes a report to out/report.html
        nearmetal host                      says what this host is and what it lacks

      Exit status: 0 success; 2 a verdict is fail; 3 a workload could not be run to its end; 5 no comparable baseline;
      7 inconclusive; 64 usage or unreadable input; 69 the host lacks something;
      74 a file or standard output cannot be written; 130 interrupted.
      """,
    version: Tool.version,
    subcommands: [
      RunCommand.self,
      ListCommand.self,
      SuiteCommand.self,
      HostCommand.self,
      BootCommand.self,
      CountersCommand.self,
      ReportCommand.self,
      CompareCommand.self,
      ExportCommand.self,
      ExplainCommand.self,
      ClaimsCommand.self,
      BaselineCommand.self,
      GateCommand.self,
      BillCommand.self,
      BisectCommand.self,
      CalibrateCommand.self,
      HistoryCommand.self,
      QualifyCommand.self,
      BundleCommand.self,
      FleetCommand.self,
      ImageCommand.self,
      ReferenceCommand.self,
    ])

  static func main() {
    watchStandardStreams()
    let arguments = Array(Tool.arguments.dropFirst())
    if let word = FirstSteps.mistaken(arguments) { exit(withError: end(Status.usage, FirstSteps.complaint(word))) }
    main(arguments)
  }

  /// Without a command.
  func run() throws { printLine(FirstSteps.text, terminator: "") }
}
