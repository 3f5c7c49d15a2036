import Qualification
import Results

/// Why a bundle could not be made or looked at, in one line. What is wrong inside a bundle is a ``Finding`` instead.
public enum BundleError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Wrong input: what and where, what was expected, what to do.
  case usage(String)
  case file(FileError)
  /// The folder is not what it says: it is not signed.
  case inconsistent(Finding)

  init(_ error: QualificationError) { self = .usage(error.description) }

  public var description: String {
    switch self {
    case .usage(let text): text
    case .file(let error): error.description
    case .inconsistent(let finding): "nothing was signed: \(finding)"
    }
  }
}
