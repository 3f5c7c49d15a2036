/// The sessions of a block that are compared with each other: one for each machine and mode, and each variant of a workload that has
/// some.
public struct SessionGroup: Sendable {
  /// In the order in which they run, or park. Never empty.
  public let sessions: [Session]

  public init(_ sessions: [Session]) {
    precondition(!sessions.isEmpty, "a group has a session")
    self.sessions = sessions
  }

  public var block: Int { sessions[0].legs[0].block }

  public var legCount: Int { sessions.reduce(0) { $0 + $1.legs.count } }

  /// What its legs measure.
  var entries: [SuiteEntry] { sessions.flatMap(\.legs).map(\.entry) }

  /// Why its legs cannot take turns; nil where they can.
  public var turnObstacle: String? {
    if entries.contains(where: \.isBoot) { return "a boot happens once" }
    if entries.contains(where: { $0.kind == .exits }) {
      return "there is nothing to exit from on bare metal to take turns with"
    }
    return nil
  }
}
