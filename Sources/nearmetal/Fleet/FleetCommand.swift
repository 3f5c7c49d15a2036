import ArgumentParser

/// `nearmetal fleet`.
struct FleetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fleet", abstract: "Many hosts: hands the work to Slurm, and tells which host is not like its kin.",
    discussion: """
      Examples:
        nearmetal fleet submit --suite quick --nodes 'rack[1-40]' --output /shared/f
        nearmetal fleet status /shared/f
        nearmetal fleet report /shared/f --output fleet.html
      """,
    subcommands: [FleetSubmitCommand.self, FleetStatusCommand.self, FleetCollectCommand.self, FleetReportCommand.self])
}
