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

  /// Whether it measures nothing but what it costs to leave a guest.
  public var isOfExits: Bool { entries.allSatisfy { $0.kind == .exits } }

  /// A group for each leg, in boots of their own.
  public var legByLeg: [SessionGroup] {
    sessions.flatMap { session in session.legs.map { SessionGroup([Session(path: session.path, legs: [$0])]) } }
  }

  /// Why its legs cannot take turns with each other; nil where they can. Two builds' guests may all the same, with each other.
  public var turnObstacle: String? {
    if entries.contains(where: \.isBoot) { return "a boot happens once" }
    if entries.contains(where: { $0.kind == .linux }) { return "an operating system does its work in one go" }
    if entries.contains(where: { $0.kind == .exits }) {
      return "there is nothing to exit from on bare metal to take turns with"
    }
    return nil
  }
}
