import Yams

extension ClaimFile {
  /// Reads a list of claims that is part of another file.
  ///
  /// - Parameter path: what messages call that file.
  public static func claims(_ list: Node, path: String) throws(ClaimFileError) -> [Claim] {
    let file = Node([(Node("name"), Node(path)), (Node("claims"), list)])
    return try ClaimReader(path: path).file(file).claims
  }
}
