import ArgumentParser
import KVM
import Results
import Runner
import Topology

/// `nearmetal host`.
struct HostCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "host", abstract: "Says what this host is, what it lacks, and how to get that.",
    discussion: "Examples: nearmetal host --format json; nearmetal host tune --show",
    subcommands: [HostTuneCommand.self])

  @Option(help: "text or json.")
  var format = OutputFormat.text

  func run() throws {
    let host = HostDescription()
    switch format {
    case .json: try printJSON(Description(host))
    case .text: show(host)
    }
  }

  private func show(_ host: HostDescription) {
    printLine("backend: \(host.backend.rawValue)")
    printLine("fingerprint: \(host.inventory.fingerprint)")
    printLine("\nKVM capabilities")
    if host.capabilities.isEmpty { printLine("  none: /dev/kvm cannot be opened") }
    for (name, value) in host.capabilities { printLine("  \(name): \(value == 0 ? "absent" : "\(value)")") }
    printLine("\n\(host.inventory.description)")
    printLine("What is missing or could be better")
    for fact in host.inventory.missing { printLine("  \(fact.name): \(fact.text). \(fact.remedy ?? "")") }
    printLine("\nWhat nearmetal host tune would change")
    for line in host.tuning { printLine("  \(line)") }
    printLine("\nWhat a run watches for noise")
    for line in host.noise { printLine("  \(line)") }
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
