import LinuxSystem
import Results

/// Why a report could not be made, in one line.
public enum ReportError: OutputFailure, Equatable, CustomStringConvertible {
  case file(FileError)
  case result(DocumentReadError)
  /// A directory's `history.json` is none.
  case history(path: String, reason: String)
  /// A template of the tool itself is absent or broken.
  case template(name: String, reason: String)

  public var description: String {
    switch self {
    case .file(let error): error.description
    case .result(let error): error.description
    case .history(let path, let reason):
      "\(path): expected series of a history: \(reason). Make it anew with nearmetal report DIR --history, or remove it."
    case .template(let name, let reason): "cannot use the template \(name): \(reason). Install the tool anew."
    }
  }

  public var isOfOutput: Bool { if case .file(let error) = self { error.isOfOutput } else { false } }
}
