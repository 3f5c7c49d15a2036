/// A run in the history.
public struct HistoryRun: Codable, Sendable, Equatable {
  /// The run's id, unique on its host.
  public var id: String
  /// Fingerprint of the host.
  public var host: String
  /// ISO 8601, UTC; the order of a history.
  public var startedAt: String
  public var suite: String
  public var version: String
  public var revision: String
  /// `vmx`, `svm`, `pvm` or `none`.
  public var backend: String
  /// Release of the host's kernel, where the inventory had it.
  public var kernel: String?
  public var blocks: Int
  public var interrupted: Bool
}
