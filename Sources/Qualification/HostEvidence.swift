import Results

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

  /// Reads the file's bytes; messages call the file `path`.
  public static func decode(_ bytes: [UInt8], path: String) throws(QualificationError) -> HostEvidence {
    try JSONFile.decode(bytes, path: path)
  }
}
