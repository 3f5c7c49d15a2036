/// Who counted.
public enum CounterDomain: String, Codable, Sendable, CaseIterable {
  /// A performance event while guest code ran.
  case guest
  /// A performance event while host code ran; also what the kernel counts in software for a thread, whatever it runs.
  case host
  /// KVM's own statistics or tracepoints, and the monitor's counts of what KVM hands it (`monitor.`).
  case kvm
}
