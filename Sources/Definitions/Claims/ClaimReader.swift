import Results
import Verdicts
import Yams

/// Turns the nodes of a file of claims into claims.
struct ClaimReader {
  let yaml: YAMLDocument

  private static let fields = [
    "id", "text", "source", "workload", "parameters", "metric", "machine", "mode", "reference",
    "referenceParameters", "test", "margin", "level", "requirement",
  ]

  func file(_ node: Node) throws(DefinitionError) -> ClaimFile {
    let fields = try yaml.mapping(node, "a mapping with name and claims", known: ["name", "summary", "claims"])
    return ClaimFile(
      name: try yaml.string(fields["name"], in: node, "name"), summary: fields["summary"]?.string ?? "",
      claims: try claims(fields["claims"], in: node))
  }

  /// A list of claims, each id once.
  func claims(_ list: Node?, in parent: Node) throws(DefinitionError) -> [Claim] {
    var claims: [Claim] = []
    for item in try yaml.list(list, in: parent, "a list of claims") {
      let claim = try claim(item)
      guard !claims.contains(where: { $0.id == claim.id }) else {
        throw yaml.error(item, "each id once", "\(claim.id) again")
      }
      claims.append(claim)
    }
    return claims
  }

  private func claim(_ node: Node) throws(DefinitionError) -> Claim {
    let fields = try yaml.mapping(node, "a mapping with the fields of a claim", known: Self.fields)
    let path = Path(
      try yaml.word(fields["machine"], in: node, "machine"), try yaml.word(fields["mode"], in: node, "mode"))
    let others = try parameters(fields["referenceParameters"], fields, node)
    guard path == .native ? !others.isEmpty : path.machine != .native && path.mode != .native else {
      throw yaml.error(
        fields["machine"] ?? node, "a guest's machine and mode", "native, which is what claims are held against")
    }
    let reference = others.isEmpty || fields["reference"] != nil ? try reference(fields["reference"], path) : path
    let given: ClaimTest? = try fields["test"].map { (node) throws(DefinitionError) in try yaml.word(node) }
    let margin = try margin(fields["margin"], node, given)
    var claim = Claim(
      id: try yaml.identifier(fields["id"], in: node, "id"), text: try yaml.string(fields["text"], in: node, "text"),
      source: try yaml.string(fields["source"], in: node, "source"), workload: try workload(fields, node),
      metric: try yaml.string(fields["metric"], in: node, "metric"), path: path, reference: reference,
      test: given ?? .nonInferiority, margin: margin, level: try yaml.level(fields["level"]),
      requirement: try yaml.word(fields["requirement"], in: node, "requirement"))
    claim.referenceParameters = others
    if given == .count {
      if let node = fields["reference"] ?? fields["referenceParameters"] {
        throw yaml.error(node, "no reference in a claim about a count", yaml.text(node))
      }
      guard claim.metric.hasSuffix(MetricRecord.perOperationSuffix) else {
        throw yaml.error(
          fields["metric"] ?? node, "a count for one operation, such as exits\(MetricRecord.perOperationSuffix)",
          claim.metric)
      }
    }
    return claim
  }

  private func workload(_ fields: Node.Mapping, _ parent: Node) throws(DefinitionError) -> Workload {
    Workload(try definition(fields, parent).id, try parameters(fields["parameters"], fields, parent))
  }

  private func definition(_ fields: Node.Mapping, _ parent: Node) throws(DefinitionError) -> WorkloadDefinition {
    guard let node = fields["workload"] else { throw yaml.error(parent, "a workload", "none") }
    return try WorkloadReader(yaml: yaml).definition(node)
  }

  /// Parameters of the claim's workload; none where there is no node.
  private func parameters(
    _ node: Node?, _ fields: Node.Mapping, _ parent: Node
  ) throws(DefinitionError) -> [String: ParameterValue] {
    guard let node else { return [:] }
    return try WorkloadReader(yaml: yaml).parameters(
      try yaml.mapping(node, "a mapping of parameters"), of: try definition(fields, parent),
      allowing: [SuiteEntry.cpuNode, SuiteEntry.memoryNode])
  }

  /// A machine in the claim's mode, or a mode on the claim's machine.
  private func reference(_ node: Node?, _ path: Path) throws(DefinitionError) -> Path {
    guard let node else { return .native }
    let word = yaml.text(node)
    let reference: Path
    if word == Machine.native.rawValue {
      return .native
    } else if let machine = Machine(rawValue: word) {
      reference = Path(machine, path.mode)
    } else if let mode = Mode(rawValue: word) {
      reference = Path(path.machine, mode)
    } else {
      throw yaml.error(node, "native, a machine or a mode", word)
    }
    guard reference != path else {
      throw yaml.error(node, "something else than the claim's own machine and mode", word)
    }
    return reference
  }

  private func margin(_ node: Node?, _ parent: Node, _ test: ClaimTest?) throws(DefinitionError) -> Double {
    if test == .runs {
      if let node { throw yaml.error(node, "no margin in a claim that something runs", yaml.text(node)) }
      return 1
    }
    guard let node else { throw yaml.error(parent, "a margin", "none") }
    if test == .count {
      guard let most = node.float, most >= 0, most.isFinite else {
        throw yaml.error(node, "a margin of 0 or more: the most for one operation", yaml.text(node))
      }
      return most
    }
    guard let value = node.float, value > 0, value.isFinite else {
      throw yaml.error(node, "a margin above 0", yaml.text(node))
    }
    if test == .superiority {
      guard value >= 1 else { throw yaml.error(node, "a margin of 1 or more for superiority", yaml.text(node)) }
    } else {
      guard value <= 1 else {
        throw yaml.error(node, "a margin of at most 1, or test: superiority", yaml.text(node))
      }
    }
    return value
  }
}
