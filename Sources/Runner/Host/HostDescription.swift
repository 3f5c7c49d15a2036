import Counters
import KVM
import Results
import Topology

/// The host as a result keeps it and as `nearmetal host` prints it.
public struct HostDescription: Sendable {
  public let inventory: HostInventory
  public let backend: Backend
  /// Answers by capability name; empty where KVM cannot be opened.
  public let capabilities: [(name: String, value: Int)]

  /// Looks at everything anew.
  public init() {
    var inventory = HostInventory.collect()
    inventory.sections.append(PMU().section)
    self.inventory = inventory
    backend = Backend.detect()
    if let system = try? System() {
      capabilities = system.capabilities().map { ($0.capability.rawValue, $0.value) }
    } else {
      capabilities = []
    }
  }

  /// The record for `result.json`.
  public var record: HostRecord {
    let prefix = "KVM_CAP_"
    let answers = capabilities.map {
      ($0.name.hasPrefix(prefix) ? String($0.name.dropFirst(prefix.count)) : $0.name, $0.value)
    }
    return HostRecord(
      fingerprint: inventory.fingerprint,
      kvm: KVMRecord(
        backend: KVMBackend(rawValue: backend.rawValue) ?? .none,
        capabilities: Dictionary(answers, uniquingKeysWith: { first, _ in first })),
      cpu: facts { $0.hasPrefix("cpu.") }, numa: facts(Self.nodeFacts.contains),
      kernel: facts { $0.hasPrefix("kernel.") },
      memory: facts { $0.hasPrefix("memory.") && !Self.nodeFacts.contains($0) },
      missing: inventory.missing.map {
        MissingFact(what: $0.name, why: $0.reason ?? $0.value ?? "", remedy: $0.remedy ?? "")
      },
      facts: facts { id in !["cpu.", "kernel.", "memory."].contains { id.hasPrefix($0) } },
      unavailable: inventory.reasons)
  }

  /// Facts about memory that are about its nodes.
  private static let nodeFacts = ["memory.nodes", "memory.distances", "memory.balancing"]

  private func facts(_ belongs: (String) -> Bool) -> [String: String] {
    inventory.values.filter { belongs($0.key) }
  }
}
