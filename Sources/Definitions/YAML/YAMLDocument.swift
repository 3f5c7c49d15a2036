import LinuxSystem
import Results
import SystemPackage
import Yams

/// A YAML file that is read strictly: a field that is not known is an error, not a note to nobody.
struct YAMLDocument {
  /// What messages call the file.
  let path: String

  /// Reads a file.
  /// - Parameter expected: what the file should hold, for the message about an empty one.
  static func read(_ path: String, expected: String) throws(DefinitionError) -> (document: YAMLDocument, root: Node) {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try AtomicFile.read(path, limit: YAMLBounds.longest) } catch {
      throw DefinitionError(
        path: path, expected: "a readable file", found: error.advice.isEmpty ? "\(error.errno)" : error.advice)
    }
    return try parse(bytes, path: path, expected: expected)
  }

  /// Reads a file from its bytes.
  static func parse(
    _ bytes: [UInt8], path: String, expected: String
  ) throws(DefinitionError) -> (document: YAMLDocument, root: Node) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DefinitionError(path: path, expected: "UTF-8", found: "other bytes")
    }
    try YAMLBounds.check(text, path: path)
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch let error as YamlError {
      throw Self.problem(error, path: path)
    } catch {
      throw DefinitionError(path: path, expected: "YAML", found: "\(error)")
    }
    guard let root else { throw DefinitionError(path: path, line: 1, expected: expected, found: "an empty file") }
    return (YAMLDocument(path: path), root)
  }

  private static func problem(_ error: YamlError, path: String) -> DefinitionError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return DefinitionError(path: path, line: mark.line, column: mark.column, expected: "YAML", found: problem)
    default:
      let line = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
      return DefinitionError(path: path, expected: "YAML", found: line)
    }
  }

  /// An error at a node.
  func error(_ node: Node, _ expected: String, _ found: String) -> DefinitionError {
    DefinitionError(
      path: path, line: node.mark?.line, column: node.mark?.column, expected: expected, found: found)
  }

  /// An error at a node that has a word which is not known.
  /// - Parameter words: those that are.
  func error(_ node: Node, _ expected: String, unknown word: String, among words: [String]) -> DefinitionError {
    error(node, expected, word + Spelling.question(word, among: words))
  }

  /// A node's plain value, or words that say that it has none.
  func text(_ node: Node) -> String { node.string ?? "something that is no plain value" }
}

// MARK: Structure

extension YAMLDocument {
  /// A mapping all of whose fields are known.
  func mapping(_ node: Node, _ expected: String, known: [String]) throws(DefinitionError) -> Node.Mapping {
    let mapping = try mapping(node, expected)
    for (key, _) in mapping where !known.contains(key.string ?? "") {
      throw error(key, "one of \(known.joined(separator: ", "))", unknown: text(key), among: known)
    }
    return mapping
  }

  /// A mapping with any fields.
  func mapping(_ node: Node, _ expected: String) throws(DefinitionError) -> Node.Mapping {
    guard let mapping = node.mapping else { throw error(node, expected, text(node)) }
    return mapping
  }

  /// A list that has elements.
  /// - Parameter parent: where the error is when there is no list.
  func list(_ node: Node?, in parent: Node, _ expected: String) throws(DefinitionError) -> [Node] {
    guard let list = node?.sequence, !list.isEmpty else {
      throw error(node ?? parent, expected, node.map(text) ?? "none")
    }
    return Array(list)
  }

  /// A list that may be absent or empty.
  func optionalList(_ node: Node?, _ expected: String) throws(DefinitionError) -> [Node] {
    guard let node else { return [] }
    guard let list = node.sequence else { throw error(node, expected, text(node)) }
    return Array(list)
  }
}

// MARK: Values

extension YAMLDocument {
  /// A text that is not empty.
  func string(_ node: Node?, in parent: Node, _ name: String) throws(DefinitionError) -> String {
    let expected = Self.withArticle(name)
    guard let node else { throw error(parent, expected, "none") }
    guard let value = node.string, !value.isEmpty else { throw error(node, expected, text(node)) }
    return value
  }

  private static func withArticle(_ name: String) -> String { name == "id" ? "an id" : "a \(name)" }

  /// A name that is fit for a file's: small letters, digits, `.` and `-`, at most 80.
  func identifier(_ node: Node?, in parent: Node, _ name: String) throws(DefinitionError) -> String {
    let id = try string(node, in: parent, name)
    let isPlain = id.utf8.allSatisfy {
      UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
        || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
    }
    guard isPlain, !id.hasPrefix("."), !id.hasPrefix("-"), id.utf8.count <= 80 else {
      throw error(node ?? parent, "\(Self.withArticle(name)) of small letters, digits, '.' and '-', at most 80", id)
    }
    return id
  }

  /// One of the words of an enumeration.
  func word<Word: RawRepresentable<String> & CaseIterable>(
    _ node: Node?, in parent: Node, _ name: String
  ) throws(DefinitionError) -> Word {
    guard let node else { throw error(parent, Self.withArticle(name), "none") }
    return try word(node)
  }

  /// One of the words of an enumeration.
  func word<Word: RawRepresentable<String> & CaseIterable>(_ node: Node) throws(DefinitionError) -> Word {
    guard let word = Word(rawValue: text(node)) else {
      let words = Word.allCases.map(\.rawValue)
      throw error(node, "one of \(words.joined(separator: ", "))", unknown: text(node), among: words)
    }
    return word
  }

  /// A list of such words, each at most once counted.
  func words<Word: RawRepresentable<String> & CaseIterable & Hashable>(
    _ node: Node, _ expected: String
  ) throws(DefinitionError) -> Set<Word> {
    var words: Set<Word> = []
    for item in try list(node, in: node, expected) { words.insert(try word(item)) }
    return words
  }

  func integer(_ node: Node, _ name: String, _ range: ClosedRange<Int>) throws(DefinitionError) -> Int {
    guard let value = node.int, range.contains(value) else {
      throw error(node, "\(name): a whole number from \(range.lowerBound) to \(range.upperBound)", text(node))
    }
    return value
  }

  /// The two-sided level of an interval; 0.95 where none is given.
  func level(_ node: Node?) throws(DefinitionError) -> Double {
    guard let node else { return 0.95 }
    guard let value = node.float, value >= 0.5, value < 1 else {
      throw error(node, "a level from 0.5 to below 1", text(node))
    }
    return value
  }

  /// A number with a unit, in bytes or nanoseconds.
  func quantity(
    _ node: Node?, in range: ClosedRange<UInt64>, otherwise standard: UInt64, such example: String
  ) throws(DefinitionError) -> UInt64 {
    guard let node else { return standard }
    guard let number = Quantity.parse(text(node)), range.contains(number) else {
      throw error(
        node, "a quantity such as \(example), from \(range.lowerBound) to \(range.upperBound)", text(node))
    }
    return number
  }
}
