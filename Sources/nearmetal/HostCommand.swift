import ArgumentParser
import KVM
import Results
import Runner
import Topology

/// `nearmetal host`.
struct HostCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "host", abstract: "Says what this host is, what it lacks, and how to get that.",
    discussion: "Example: nearmetal host --format json")

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
  }

  private struct Description: Encodable {
    let backend: String
    let fingerprint: String
    let capabilities: [String: Int]
    let facts: [String: String]
    let unavailable: [String: String]
    let missing: [MissingFact]

    init(_ host: HostDescription) {
      backend = host.backend.rawValue
      fingerprint = host.inventory.fingerprint
      capabilities = Dictionary(host.capabilities.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
      facts = host.inventory.values
      unavailable = host.inventory.reasons
      missing = host.record.missing
    }
  }
}
