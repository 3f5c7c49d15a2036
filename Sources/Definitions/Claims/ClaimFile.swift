import ShippedDefinitions
import Verdicts
import Yams

/// A file of claims: those that come with the program, or one of the user's.
public struct ClaimFile: Sendable, Equatable {
  public let name: String
  /// One sentence.
  public let summary: String
  /// In the file's order; at least one, each id once.
  public let claims: [Claim]

  /// The files that come with the program, by name.
  public static func shipped() throws(DefinitionError) -> [ClaimFile] {
    var files: [ClaimFile] = []
    for path in Shipped.names(.claims).compactMap({ Shipped.path($0, .claims) }) { files.append(try read(path)) }
    return files
  }

  /// Reads a file.
  public static func read(_ path: String) throws(DefinitionError) -> ClaimFile {
    let (document, root) = try YAMLDocument.read(path, expected: "a name and claims")
    return try ClaimReader(yaml: document).file(root)
  }

  /// Reads a file from its text; messages call the file `path`.
  public static func parse(_ text: String, path: String) throws(DefinitionError) -> ClaimFile {
    let (document, root) = try YAMLDocument.parse(Array(text.utf8), path: path, expected: "a name and claims")
    return try ClaimReader(yaml: document).file(root)
  }

  /// Reads a list of claims that is part of another file.
  static func claims(_ list: Node, in document: YAMLDocument) throws(DefinitionError) -> [Claim] {
    try ClaimReader(yaml: document).claims(list, in: list)
  }
}
