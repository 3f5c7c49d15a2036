import LinuxSystem

/// Why tuning could not be begun, or not be undone.
public enum TuneError: OutputFailure, CustomStringConvertible, Sendable {
  /// The file that holds what was there before holds something else.
  case state(String)
  case file(FileError)

  public var description: String {
    switch self {
    case .state(let problem): problem
    case .file(let error): error.description
    }
  }

  public var isOfOutput: Bool { if case .file(let error) = self { error.isOfOutput } else { false } }
}
