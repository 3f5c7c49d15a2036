import LinuxSystem
import Results

/// Why a baseline cannot be had or kept, in one line.
public enum BaselineError: OutputFailure, Equatable, CustomStringConvertible {
  case badName(String)
  /// The fingerprint of a result is no folder's name.
  case badFingerprint(String)
  case exists(name: String, path: String)
  /// No baseline of the name for the host; `others` are the fingerprints of hosts that have one.
  case missing(name: String, fingerprint: String, directory: String, others: [String])
  case malformed(path: String, reason: String)
  case file(FileError)
  case result(DocumentReadError)
  case unencodable(ResultWriteError)

  public var description: String {
    switch self {
    case .badName(let name):
      "baseline \"\(name)\": expected a name of letters, digits, '.', '_' and '-', at most 64, that begins with a letter or digit"
    case .badFingerprint(let text): "fingerprint \"\(text)\": expected letters and digits"
    case .exists(let name, let path): "\(path): baseline \(name) is there already; delete it first or use --replace"
    case .missing(let name, let fingerprint, let directory, let others):
      "no baseline \(name) in \(directory) for host \(fingerprint)"
        + (others.isEmpty
          ? "; record one with: nearmetal baseline record \(name) DIR"
          : "; there is one for \(others.joined(separator: ", "))")
    case .malformed(let path, let reason): "\(path): expected a baseline, \(reason)"
    case .file(let error): error.description
    case .result(let error): error.description
    case .unencodable(let error): error.description
    }
  }

  public var isOfOutput: Bool { if case .file(let error) = self { error.isOfOutput } else { false } }
}
