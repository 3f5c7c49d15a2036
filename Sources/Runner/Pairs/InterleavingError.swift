/// Why two builds could not be measured together, in one line.
public enum InterleavingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A program could not be started, or left no result.
  case program(Interleaving.Side, path: String, reason: String)
  /// Another run holds the host.
  case host(String)
  /// The user asked to stop before a pair of blocks was complete.
  case interrupted

  public var description: String {
    switch self {
    case .program(_, let path, let reason): "\(path): \(reason)"
    case .host(let reason): reason
    case .interrupted: "interrupted before a pair of blocks was complete: nothing was kept"
    }
  }
}
