/// A counter that this host or this user cannot have.
public struct UnavailableCounter: Equatable, Sendable, Error {
  public let name: String
  /// Why, as a phrase.
  public let reason: String
  /// What the user can do, as a sentence; nil where there is nothing to do.
  public let remedy: String?

  public init(_ name: String, _ reason: String, remedy: String? = nil) {
    (self.name, self.reason, self.remedy) = (name, reason, remedy)
  }

  init(_ kind: PerfEventKind, _ refusal: PerfRefusal) {
    self.init(kind.name, "perf_event_open says \(refusal.errno): \(refusal.meaning)", remedy: refusal.advice)
  }
}
