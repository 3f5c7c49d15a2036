/// Where a workload runs.
public enum Machine: String, Codable, Sendable, CaseIterable {
  /// A pinned host thread, no guest.
  case native
  /// The harness's own virtual machine monitor.
  case nearmetal
  /// QEMU, a peer.
  case qemu
}
