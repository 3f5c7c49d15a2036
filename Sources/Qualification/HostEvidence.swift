import KVM
import LinuxSystem
import Results
import Runner
import Topology

/// `inventory.json`: all that host requirements are decided from, so that anybody can decide them again.
public struct HostEvidence: Codable, Sendable, Equatable {
  public static let fileName = "inventory.json"

  public var fingerprint: String
  public var backend: KVMBackend
  /// Answers of `KVM_CHECK_EXTENSION` by full name; 0 means absent. Empty where KVM cannot be opened.
  public var capabilities: [String: Int]
  /// Values by id.
  public var facts: [String: String]
  /// Why a fact is not to be had, by id.
  public var unavailable: [String: String]

  public init(
    fingerprint: String, backend: KVMBackend, capabilities: [String: Int] = [:], facts: [String: String] = [:],
    unavailable: [String: String] = [:]
  ) {
    self.fingerprint = fingerprint
    self.backend = backend
    self.capabilities = capabilities
    self.facts = facts
    self.unavailable = unavailable
  }

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

  /// Reads the file's bytes.
  /// - Parameter path: what messages call it.
  public static func decode(_ bytes: [UInt8], path: String) throws(QualificationError) -> HostEvidence {
    try JSONFile.decode(bytes, path: path)
  }

  /// Looks at this host.
  public static func collect() -> HostEvidence {
    let host = HostDescription()
    return HostEvidence(
      host.inventory, backend: KVMBackend(rawValue: host.backend.rawValue) ?? .none, capabilities: host.capabilities,
      files: HostFiles())
  }
}
