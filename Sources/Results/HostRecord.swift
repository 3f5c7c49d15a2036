/// The host that was measured. The maps hold facts under the names that the inventory gives them; a fact that could not
/// be had is not in a map but in ``missing``.
public struct HostRecord: Codable, Sendable, Equatable {
  /// Names the host's performance-relevant configuration; equal fingerprints may be compared.
  public var fingerprint: String
  public var kvm: KVMRecord
  public var cpu: [String: String]
  public var numa: [String: String]
  public var kernel: [String: String]
  public var memory: [String: String]
  public var missing: [MissingFact]

  public init(
    fingerprint: String, kvm: KVMRecord, cpu: [String: String] = [:], numa: [String: String] = [:],
    kernel: [String: String] = [:], memory: [String: String] = [:], missing: [MissingFact] = []
  ) {
    self.fingerprint = fingerprint
    self.kvm = kvm
    self.cpu = cpu
    self.numa = numa
    self.kernel = kernel
    self.memory = memory
    self.missing = missing
  }
}
