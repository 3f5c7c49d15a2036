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
  /// All other facts by id: power, clock, virtualization, KVM's parameters, mitigations, firmware, storage, network,
  /// interrupts, load, counters. Nil in results of versions that did not keep them.
  public var facts: [String: String]?
  /// Why facts could not be had, by id. Nil in results of versions that did not keep it.
  public var unavailable: [String: String]?

  public init(
    fingerprint: String, kvm: KVMRecord, cpu: [String: String] = [:], numa: [String: String] = [:],
    kernel: [String: String] = [:], memory: [String: String] = [:], missing: [MissingFact] = [],
    facts: [String: String]? = nil, unavailable: [String: String]? = nil
  ) {
    self.fingerprint = fingerprint
    self.kvm = kvm
    self.cpu = cpu
    self.numa = numa
    self.kernel = kernel
    self.memory = memory
    self.missing = missing
    self.facts = facts
    self.unavailable = unavailable
  }
}

/// Something that the host does not offer, or does not show.
public struct MissingFact: Codable, Sendable, Equatable {
  /// What is absent: "hardware performance counters".
  public var what: String
  /// Why: "perf_event_open answered ENOENT".
  public var why: String
  /// What the user can do about it; empty where nothing can be done.
  public var remedy: String

  public init(what: String, why: String, remedy: String = "") {
    self.what = what
    self.why = why
    self.remedy = remedy
  }
}
