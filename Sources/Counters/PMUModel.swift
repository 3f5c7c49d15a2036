/// A performance monitoring unit whose events libpfm4 can name on this host.
public struct PMUModel: Equatable, Sendable {
  /// libpfm4's short name: "amd64_fam19h_zen4".
  public let name: String
  /// For people: "AMD64 Fam19h Zen4".
  public let description: String
  /// Events that its table lists.
  public let eventCount: Int
  /// Counters that take any event, and counters of one event each.
  public let generalCounters: Int
  public let fixedCounters: Int
  /// libpfm4's number of its first event; negative where it has none.
  let firstEvent: Int32
}
