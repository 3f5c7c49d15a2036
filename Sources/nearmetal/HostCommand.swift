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
    print("backend: \(host.backend.rawValue)")
    print("fingerprint: \(host.inventory.fingerprint)")
    print("\nKVM capabilities")
    if host.capabilities.isEmpty { print("  none: /dev/kvm cannot be opened") }
    for (name, value) in host.capabilities { print("  \(name): \(value == 0 ? "absent" : "\(value)")") }
    print("\n\(host.inventory.description)")
    print("What is missing or could be better")
    for fact in host.inventory.missing { print("  \(fact.name): \(fact.text). \(fact.remedy ?? "")") }
    print("\nWhat nearmetal host tune would change")
    for line in host.tuning { print("  \(line)") }
    print("\nWhat a run watches for noise")
    for line in host.noise { print("  \(line)") }
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
