import Foundation
import Yams

/// A file of claims: those that come with the program, or one of the user's.
public struct ClaimFile: Sendable, Equatable {
  public let name: String
  /// One sentence.
  public let summary: String
  /// In the file's order; at least one, each id once.
  public let claims: [Claim]

  /// The files that come with the program, by name.
  public static func shipped() throws(ClaimFileError) -> [ClaimFile] {
    var files: [ClaimFile] = []
    for path in Bundle.module.paths(forResourcesOfType: "yaml", inDirectory: "Claims").sorted() {
      files.append(try read(path))
    }
    return files
  }

  /// Reads a file.
  public static func read(_ path: String) throws(ClaimFileError) -> ClaimFile {
    let text: String
    do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
      throw ClaimFileError(path: path, line: nil, expected: "a readable UTF-8 file", found: error.localizedDescription)
    }
    return try parse(text, path: path)
  }

  /// Reads a file from its text.
  ///
  /// - Parameter path: what messages call the file.
  public static func parse(_ text: String, path: String) throws(ClaimFileError) -> ClaimFile {
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch let error as YamlError {
      throw problem(error, path: path)
    } catch {
      throw ClaimFileError(path: path, line: nil, expected: "YAML", found: "\(error)")
    }
    guard let root else {
      throw ClaimFileError(path: path, line: 1, expected: "a name and claims", found: "an empty file")
    }
    return try ClaimReader(path: path).file(root)
  }

  private static func problem(_ error: YamlError, path: String) -> ClaimFileError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return ClaimFileError(path: path, line: mark.line, expected: "YAML", found: problem)
    default:
      let text = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
      return ClaimFileError(path: path, line: nil, expected: "YAML", found: text)
    }
  }
}
