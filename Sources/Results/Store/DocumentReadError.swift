import LinuxSystem

/// Why a file of ours, a result or a bill, could not be read, in one line: the file, the place in it, and what was expected there.
public enum DocumentReadError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file could not be read at all.
  case unreadable(FileError)
  /// The file is none of its kind. The place is `line:column` where it is not JSON, else the path of the offending field.
  case malformed(path: String, place: String, expected: String)
  /// The file is of another version of the schema, or of another schema.
  case wrongSchema(path: String, expected: String, found: String)

  public var description: String {
    switch self {
    case .unreadable(let error): error.description
    case .malformed(let path, let place, let expected): "\(path): \(place): \(expected)"
    case .wrongSchema(let path, let expected, let found):
      "\(path): schema: expected \"\(expected)\", found \"\(found)\""
    }
  }
}

/// Files that name their schema, and are read by it alone.
public enum SchemaDocument {
  private struct Head: Decodable {
    var schema: String
  }

  /// The bytes of a file, or of the file of that name in the directory `path`.
  /// - Parameters:
  ///   - path: of the file, or of a directory that has it.
  ///   - fileName: its name there.
  ///   - limit: the most bytes that it may have.
  /// - Returns: the file's path too, which messages name.
  public static func read(
    _ path: String, fileName: String, limit: Int = AtomicFile.longest
  ) throws(DocumentReadError) -> (path: String, bytes: [UInt8]) {
    let file = AtomicFile.isDirectory(path) ? "\(path)/\(fileName)" : path
    do throws(FileError) { return (file, try AtomicFile.read(file, limit: limit)) } catch { throw .unreadable(error) }
  }

  /// Looks at the schema's name, and only then at the rest: a file of another version differs in ways that would be blamed on some
  /// field.
  /// - Parameters:
  ///   - bytes: where the schema is named.
  ///   - path: what messages call the file.
  ///   - schema: the one whose documents `read` understands.
  ///   - read: decodes the rest.
  public static func decode<Document>(
    _ bytes: [UInt8], path: String, schema: String, _ read: () throws(JSONProblem) -> Document
  ) throws(DocumentReadError) -> Document {
    let found: String
    do throws(JSONProblem) {
      found = try JSONText.decode(Head.self, from: bytes).schema
      if found == schema { return try read() }
    } catch { throw .malformed(path: path, place: error.place, expected: error.expected) }
    throw .wrongSchema(path: path, expected: schema, found: found.oneLine)
  }
}
