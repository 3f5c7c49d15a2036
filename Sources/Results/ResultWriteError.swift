import LinuxSystem

/// Why a result could not be written, in one line.
public enum ResultWriteError: OutputFailure, Equatable, CustomStringConvertible {
  case file(FileError)
  /// The directory holds a result of another run, or a `result.json` that is none.
  case foreignResult(path: String, found: String)
  /// A field cannot be kept: an infinite figure, say. The field is named by its path.
  case unencodable(place: String, reason: String)

  public var description: String {
    switch self {
    case .file(let error): error.description
    case .foreignResult(let path, let found):
      "cannot write \(path): it holds \(found). Choose another directory, move that one away, or use --replace."
    case .unencodable(let place, let reason): "cannot keep the result: \(place): \(reason)"
    }
  }

  public var isOfOutput: Bool { if case .file(let error) = self { error.isOfOutput } else { false } }
}
