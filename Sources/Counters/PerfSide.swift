/// Whose code a hardware event counts. KVM switches the counters at each entry into a guest and each exit from it
/// (`exclude_host` and `exclude_guest` of perf_event_open(2)).
public enum PerfSide: String, Codable, Sendable, CaseIterable {
  case both, guest, host
}
