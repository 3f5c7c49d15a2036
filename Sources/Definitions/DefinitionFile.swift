import ShippedDefinitions

/// Files that are given by a path, or by the name of one that comes with the program.
enum DefinitionFile {
  /// - Parameter what: with an article, for the message: "a suite file".
  static func locate(_ name: String, _ kind: Shipped.Kind, _ what: String) throws(DefinitionError) -> String {
    if name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return name }
    guard let path = Shipped.path(name, kind) else {
      let known = Shipped.names(kind)
      throw DefinitionError(
        path: name, expected: "\(what), or one of \(known.joined(separator: ", "))",
        found: "neither" + Spelling.question(name, among: known))
    }
    return path
  }
}
