/// What makes two hosts comparable.
///
/// Three kinds of facts: those of ``identity`` make results of two hosts incomparable when they differ, and only they enter
/// the fingerprint. Those of ``subjects`` are what a change under test may change (the kernel, microcode, firmware, KVM's
/// settings): they are compared and shown, but a baseline taken before such a change stays usable, since judging the change
/// is what it was taken for. All others (load, free memory, device names) are the state of a moment.
public enum Fingerprint {
  /// Ids of the facts that enter the fingerprint: the processor and its caches, what lies below and between (hypervisor, KVM
  /// backend), memory and its nodes, and the settings that change the machine's speed whatever the kernel (governor, turbo,
  /// idle driver, clock source, huge pages, SMT, isolated CPUs).
  public static let identity = [
    "cpu.vendor", "cpu.model", "cpu.identity", "cpu.sockets", "cpu.cores", "cpu.threads", "cpu.smt", "cpu.online",
    "cpu.isolated", "cpu.caches", "virtualization.hypervisor", "kvm.backend", "memory.total",
    "memory.distances", "memory.thp", "power.governor", "power.driver", "power.boost", "power.idleDriver",
    "clock.current", "firmware.sys_vendor", "firmware.product_name",
  ]

  /// Ids of facts that enter the fingerprint only where a host has them: they came later, and a host without them keeps the
  /// fingerprint that its baselines are under.
  public static let laterIdentity = ["power.preference", "power.bias", "power.profile"]

  /// Ids, or prefixes that end in '.', of the facts that may be the change under test.
  public static let subjects = [
    "cpu.microcode", "cpu.tickless", "kernel.release", "kernel.version", "kernel.commandLine", "kernel.configuration",
    "kvm.parameters.", "mitigation.", "firmware.bios_vendor", "firmware.bios_version", "firmware.bios_date",
  ]

  /// Whether a fact enters the fingerprint.
  public static func isIdentity(_ id: String) -> Bool { identity.contains(id) || laterIdentity.contains(id) }

  /// Whether a fact may be the change under test.
  public static func isSubject(_ id: String) -> Bool {
    subjects.contains { $0.hasSuffix(".") ? id.hasPrefix($0) : id == $0 }
  }

  /// FNV-1a 64 over "id=value" lines of the ``identity`` facts, in that order. An unavailable fact counts as such, without
  /// its reason: the wording of an error must not make a host another one.
  static func hash(_ values: [String: String]) -> String {
    var hash = FNV1a()
    for id in identity { hash.add("\(id)=\(values[id] ?? "\u{0}")\n".utf8) }
    for id in laterIdentity { if let value = values[id] { hash.add("\(id)=\(value)\n".utf8) } }
    return hash.hexadecimal
  }
}
