import Results
import Yams

/// Turns the nodes of a file of claims into claims, strictly: a field that is not known is an error, not a note to nobody.
struct ClaimReader {
  let path: String

  private static let fields = [
    "id", "text", "source", "workload", "parameters", "metric", "machine", "mode", "reference", "test", "margin",
    "level",
    "requirement",
  ]

  func file(_ node: Node) throws(ClaimFileError) -> ClaimFile {
    let fields = try mapping(node, "a mapping with name and claims", known: ["name", "summary", "claims"])
    guard let list = fields["claims"]?.sequence, !list.isEmpty else {
      throw error(fields["claims"] ?? node, "a list of claims", fields["claims"].map(text) ?? "none")
    }
    var claims: [Claim] = []
    for item in list {
      let claim = try claim(item)
      guard !claims.contains(where: { $0.id == claim.id }) else {
        throw error(item, "each id once", "\(claim.id) again")
      }
      claims.append(claim)
    }
    return ClaimFile(
      name: try string(fields["name"], node, "name"), summary: fields["summary"]?.string ?? "", claims: claims)
  }

  private func claim(_ node: Node) throws(ClaimFileError) -> Claim {
    let fields = try mapping(node, "a mapping with the fields of a claim", known: Self.fields)
    let machine: Machine = try word(fields["machine"], node, "machine")
    let mode: Mode = try word(fields["mode"], node, "mode")
    guard machine != .native, mode != .native else {
      throw error(
        fields["machine"] ?? node, "a guest's machine and mode", "native, which is what claims are held against")
    }
    let reference = try reference(fields["reference"], machine, mode)
    let given: ClaimTest? = try optionalWord(fields["test"])
    let margin = try margin(fields["margin"], node, given)
    let test = given ?? .nonInferiority
    return Claim(
      id: try identifier(fields["id"], node), text: try string(fields["text"], node, "text"),
      source: try string(fields["source"], node, "source"), workload: try string(fields["workload"], node, "workload"),
      parameters: try parameters(fields["parameters"]), metric: try string(fields["metric"], node, "metric"),
      machine: machine, mode: mode, reference: reference, test: test, margin: margin, level: try level(fields["level"]),
      requirement: try word(fields["requirement"], node, "requirement"))
  }

  // MARK: Fields

  /// A machine in the claim's mode, or a mode on the claim's machine.
  private func reference(_ node: Node?, _ machine: Machine, _ mode: Mode) throws(ClaimFileError) -> ClaimReference {
    guard let node else { return .native }
    let word = text(node)
    let reference: ClaimReference
    if word == Machine.native.rawValue {
      return .native
    } else if let other = Machine(rawValue: word) {
      reference = ClaimReference(machine: other, mode: mode)
    } else if let other = Mode(rawValue: word) {
      reference = ClaimReference(machine: machine, mode: other)
    } else {
      throw error(node, "native, a machine or a mode", word)
    }
    guard reference != ClaimReference(machine: machine, mode: mode) else {
      throw error(node, "something else than the claim's own machine and mode", word)
    }
    return reference
  }

  private func margin(_ node: Node?, _ parent: Node, _ test: ClaimTest?) throws(ClaimFileError) -> Double {
    if test == .runs {
      if let node { throw error(node, "no margin in a claim that something runs", text(node)) }
      return 1
    }
    guard let node else { throw error(parent, "a margin", "none") }
    guard let value = node.float, value > 0, value.isFinite else { throw error(node, "a margin above 0", text(node)) }
    if test == .superiority {
      guard value >= 1 else { throw error(node, "a margin of 1 or more for superiority", text(node)) }
    } else {
      guard value <= 1 else { throw error(node, "a margin of at most 1, or test: superiority", text(node)) }
    }
    return value
  }

  private func level(_ node: Node?) throws(ClaimFileError) -> Double {
    guard let node else { return 0.95 }
    guard let value = node.float, value >= 0.5, value < 1 else {
      throw error(node, "a level from 0.5 to below 1", text(node))
    }
    return value
  }

  private func identifier(_ node: Node?, _ parent: Node) throws(ClaimFileError) -> String {
    let id = try string(node, parent, "id")
    guard
      id.utf8.allSatisfy({
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
          || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
      })
    else { throw error(node ?? parent, "an id of small letters, digits, '.' and '-'", id) }
    return id
  }

  private func parameters(_ node: Node?) throws(ClaimFileError) -> [String: String] {
    guard let node else { return [:] }
    guard let fields = node.mapping else { throw error(node, "a mapping of parameters", text(node)) }
    var parameters: [String: String] = [:]
    for (key, value) in fields {
      guard let name = key.string, let value = value.string else {
        throw error(value, "a plain value for \(text(key))", text(value))
      }
      parameters[name] = value
    }
    return parameters
  }

  // MARK: Nodes

  private func word<Word: RawRepresentable<String> & CaseIterable>(
    _ node: Node?, _ parent: Node, _ name: String
  ) throws(ClaimFileError) -> Word {
    guard let word: Word = try optionalWord(node) else { throw error(parent, "a \(name)", "none") }
    return word
  }

  private func optionalWord<Word: RawRepresentable<String> & CaseIterable>(_ node: Node?) throws(ClaimFileError)
    -> Word?
  {
    guard let node else { return nil }
    guard let word = Word(rawValue: text(node)) else {
      throw error(node, "one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))", text(node))
    }
    return word
  }

  private func mapping(_ node: Node, _ expected: String, known: [String]) throws(ClaimFileError) -> Node.Mapping {
    guard let mapping = node.mapping else { throw error(node, expected, text(node)) }
    for (key, _) in mapping where !known.contains(key.string ?? "") {
      throw error(key, "one of \(known.joined(separator: ", "))", text(key))
    }
    return mapping
  }

  private func string(_ node: Node?, _ parent: Node, _ name: String) throws(ClaimFileError) -> String {
    guard let node else { throw error(parent, "a \(name)", "none") }
    guard let value = node.string, !value.isEmpty else { throw error(node, "a \(name)", text(node)) }
    return value
  }

  private func error(_ node: Node, _ expected: String, _ found: String) -> ClaimFileError {
    ClaimFileError(path: path, line: node.mark?.line, expected: expected, found: found)
  }

  private func text(_ node: Node) -> String { node.string ?? "something that is no plain value" }
}
