import KVM
import LinuxSystem
import Qualification
import Results
import Runner
import Topology

extension HostEvidence {
  /// An inventory with the facts that only a qualification asks for.
  public init(
    _ inventory: HostInventory, backend: KVMBackend, capabilities: [(name: String, value: Int)], files: HostFiles
  ) {
    let more = QualificationSection.collect(files)
    let all = HostInventory(sections: inventory.sections + [more])
    self.init(
      fingerprint: inventory.fingerprint, backend: backend,
      capabilities: Dictionary(capabilities.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
      facts: all.values, unavailable: all.reasons)
  }

  /// Looks at this host.
  public static func collect() -> HostEvidence {
    let host = HostDescription()
    return HostEvidence(
      host.inventory, backend: KVMBackend(rawValue: host.backend.rawValue) ?? .none, capabilities: host.capabilities,
      files: HostFiles())
  }
}
