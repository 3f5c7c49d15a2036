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
