import LinuxSystem

/// Why a result could not be read, in one line: the file, the place in it, and what was expected there.
public enum ResultReadError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file could not be read at all.
  case unreadable(FileError)
  /// The file is no result. The place is `line:column` where it is not JSON, else the path of the offending field.
  case malformed(path: String, place: String, expected: String)
  /// The file is of another version of the schema, or of another schema.
  case wrongSchema(path: String, found: String)

  public var description: String {
    switch self {
    case .unreadable(let error): error.description
    case .malformed(let path, let place, let expected): "\(path): \(place): \(expected)"
    case .wrongSchema(let path, let found):
      "\(path): schema: expected \"\(RunResult.currentSchema)\", found \"\(found)\""
    }
  }
}
