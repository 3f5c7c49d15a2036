/// Something of a fleet that was left out.
public struct FleetProblem: Error, Sendable, Equatable {
  public let path: String
  public let reason: String

  public init(_ path: String, _ reason: String) { (self.path, self.reason) = (path, reason) }
}
