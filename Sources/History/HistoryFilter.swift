/// Which part of a history is meant. A nil asks for everything.
public struct HistoryFilter: Sendable, Equatable {
  /// A workload's id: `block.randread`.
  public var workload: String?
  public var metric: String?
  public var mode: String?
  /// A host's fingerprint, or the beginning of one.
  public var host: String?
  /// A revision, or the beginning of one.
  public var revision: String?

  public init(
    workload: String? = nil, metric: String? = nil, mode: String? = nil, host: String? = nil, revision: String? = nil
  ) {
    self.workload = workload
    self.metric = metric
    self.mode = mode
    self.host = host
    self.revision = revision
  }
}
