import LinuxSystem
import Qualification

/// Why a bundle could not be made or looked at, in one line. What is wrong inside a bundle is a ``Finding`` instead.
public enum BundleError: OutputFailure, Equatable, CustomStringConvertible {
  /// Wrong input: what and where, what was expected, what to do.
  case usage(String)
  case file(FileError)
  /// The folder is not what it says: it is not signed.
  case inconsistent(Finding)

  init(_ error: QualificationError) {
    if case .file(let error) = error { self = .file(error) } else { self = .usage(error.description) }
  }

  public var description: String {
    switch self {
    case .usage(let text): text
    case .file(let error): error.description
    case .inconsistent(let finding): "nothing was signed: \(finding)"
    }
  }

  public var isOfOutput: Bool { if case .file(let error) = self { error.isOfOutput } else { false } }
}
