import LinuxSystem

/// Why a qualification could not begin or go on, in one line.
public enum QualificationError: OutputFailure, Equatable, CustomStringConvertible {
  /// Wrong input: what and where, what was expected, what to do.
  case usage(String)
  /// It was begun on another host.
  case otherHost(String)
  /// The host lacks what every qualification needs, and how to get it.
  case unavailable(String)
  case file(FileError)
  /// The user ended it; what is finished is kept.
  case interrupted

  public var description: String {
    switch self {
    case .usage(let text), .otherHost(let text), .unavailable(let text): text
    case .file(let error): error.description
    case .interrupted: "interrupted; the same command goes on where it ended"
    }
  }

  public var isOfOutput: Bool { if case .file(let error) = self { error.isOfOutput } else { false } }
}
