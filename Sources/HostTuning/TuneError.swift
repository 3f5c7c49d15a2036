/// Why tuning could not be begun, or not be undone.
public enum TuneError: Error, CustomStringConvertible, Sendable {
  /// The file that holds what was there before.
  case state(String)

  public var description: String {
    switch self {
    case .state(let problem): problem
    }
  }
}
