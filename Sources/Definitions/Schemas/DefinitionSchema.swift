import Counters
import LinuxSystem
import Results
import Verdicts

/// Schemas (JSON Schema, draft 2020-12) of the YAML files that users write, made of the very catalogue that reads them. Editors complete
/// and check by them; what needs more than a schema can say, only the program finds.
public enum DefinitionSchema: String, CaseIterable, Sendable {
  case suite, claims, profile

  /// The name of the published file.
  public var fileName: String { "\(rawValue).schema.json" }

  /// The file's bytes.
  public func bytes() throws(JSONProblem) -> [UInt8] { try JSONText.encode(schema) }

  private var schema: SchemaValue {
    var fields: [String: SchemaValue] = [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": .text("NearMetal: a \(self == .claims ? "file of claims" : rawValue)"),
    ]
    let body: SchemaValue =
      switch self {
      case .suite: SuiteSchema.suite
      case .claims: ClaimSchema.file
      case .profile: ProfileSchema.profile
      }
    guard case .object(let own) = body else { preconditionFailure("a schema is an object") }
    fields.merge(own) { first, _ in first }
    fields["$defs"] = .object(Self.definitions)
    return .object(fields)
  }

  // MARK: What they share

  /// A mapping with these fields and no others.
  static func mapping(_ fields: [String: SchemaValue], required: [String]) -> SchemaValue {
    [
      "type": "object", "properties": .object(fields), "required": .words(required), "additionalProperties": false,
    ]
  }

  static func text(_ description: String) -> SchemaValue {
    ["type": "string", "minLength": 1, "description": .text(description)]
  }

  static let identifier: SchemaValue = [
    "type": "string", "pattern": "^[a-z0-9][a-z0-9.-]{0,79}$",
    "description": "small letters, digits, '.' and '-', at most 80, each once in the file",
  ]

  /// A number with a unit that the program reads.
  static func quantity(_ description: String) -> SchemaValue {
    ["type": ["string", "integer"], "description": .text(description)]
  }

  /// A plain `null`, which the program reads as the word, is no text in YAML.
  static func word(_ words: [String], _ description: String) -> SchemaValue {
    let values = words.map(SchemaValue.text) + (words.contains("null") ? [.null] : [])
    return ["enum": .list(values), "description": .text(description)]
  }

  static func words(_ words: [String], _ description: String) -> SchemaValue {
    ["type": "array", "minItems": 1, "items": ["enum": .words(words)], "description": .text(description)]
  }

  static let requirement = word(
    ClaimRequirement.allCases.map(\.rawValue),
    "blocker: must hold; non-blocker: a fail counts; optional: for information")

  // MARK: Workloads

  /// The parameters of each workload by the name of their definition: workloads that take the same share one.
  private static let definitions: [String: SchemaValue] = Dictionary(
    WorkloadCatalog.all.map { (name($0), parameters(of: $0)) }, uniquingKeysWith: { first, _ in first })

  /// The first workload that takes the same parameters.
  private static func name(_ workload: WorkloadDefinition) -> String {
    let own = parameters(of: workload)
    let first = WorkloadCatalog.all.first { parameters(of: $0) == own } ?? workload
    return "\(first.id).parameters"
  }

  /// Conditions by which what a field holds follows from the workload that another one names.
  /// - Parameters:
  ///   - key: the field that names it.
  ///   - fields: those that hold parameters.
  ///   - more: what else follows.
  static func conditions(
    on key: String, _ fields: [String], _ more: (WorkloadDefinition) -> [String: SchemaValue] = { _ in [:] }
  ) -> SchemaValue {
    .list(
      WorkloadCatalog.all.map { workload in
        let parameters = fields.map { ($0, ["$ref": .text("#/$defs/\(name(workload))")] as SchemaValue) }
        return [
          "if": ["properties": .object([key: ["const": .text(workload.id)]]), "required": .words([key])],
          "then": [
            "properties": .object(more(workload).merging(parameters) { first, _ in first })
          ],
        ]
      })
  }

  /// A workload's id, each with what it does.
  static let workload: SchemaValue = [
    "anyOf": .list(
      WorkloadCatalog.all.map { ["const": .text($0.id), "description": .text($0.summary)] })
  ]

  /// Parameters of a workload. A place in a matrix of nodes is one for claims.
  private static func parameters(of workload: WorkloadDefinition) -> SchemaValue {
    var fields = Dictionary(
      uniqueKeysWithValues: workload.parameters.map { parameter -> (String, SchemaValue) in
        let unit = parameter.unit.map { ", \($0)" } ?? ""
        let standard = parameter.standard.map { "; \($0) unless given" } ?? ""
        let description = "\(parameter.summary): \(parameter.values)\(unit)\(standard)"
        let value: SchemaValue =
          switch parameter.domain {
          case .words(let words): word(words, description)
          case .numbers: quantity(description)
          case .text(let most):
            ["type": "string", "minLength": 1, "maxLength": .integer(most), "description": .text(description)]
          }
        return (parameter.name, value)
      })
    for other in [SuiteEntry.cpuNode, SuiteEntry.memoryNode] {
      fields[other] = ["type": ["string", "integer"], "description": "a NUMA node, in claims alone"]
    }
    return mapping(fields, required: [])
  }

  /// A mapping whose fields follow from a workload.
  static func mapping(
    _ fields: [String: SchemaValue], required: [String], allOf conditions: SchemaValue
  ) -> SchemaValue {
    guard case .object(var own) = mapping(fields, required: required) else { preconditionFailure("an object") }
    own["allOf"] = conditions
    return .object(own)
  }
}
