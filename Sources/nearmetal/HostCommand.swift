import ArgumentParser
import KVM
import Reports
import Results
import Runner
import Topology

/// `nearmetal host`.
struct HostCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "host", abstract: "Says what this host is, what it lacks, and how to get that.",
    discussion: """
      Examples:
        nearmetal host
        nearmetal host --all
        nearmetal host tune --show
      """,
    subcommands: [HostTuneCommand.self])

  @OptionGroup var display: Display

  func run() throws {
    let host = HostDescription()
    let screen = HostScreen(host, display.options())
    switch display.format {
    case .json: try printJSON(Description(host))
    case .text: try printScreen(display.options().text(screen.screen))
    case .csv, .markdown: try display.print(screen.table)
    }
  }

  private struct Description: Encodable {
    let backend: String
    let fingerprint: String
    let capabilities: [String: Int]
    let facts: [String: String]
    let unavailable: [String: String]
    let missing: [MissingFact]
    let tuning: [String]
    let noise: [String]

    init(_ host: HostDescription) {
      backend = host.backend.rawValue
      fingerprint = host.inventory.fingerprint
      capabilities = Dictionary(host.capabilities.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
      facts = host.inventory.values
      unavailable = host.inventory.reasons
      missing = host.record.missing
      tuning = host.tuning
      noise = host.noise
    }
  }
}
