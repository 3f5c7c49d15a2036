import Results
import Yams

/// Reads what suites and claims say of a workload, and holds it against the catalogue.
struct WorkloadReader {
  let yaml: YAMLDocument

  /// The definition of a workload that is named.
  func definition(_ node: Node) throws(DefinitionError) -> WorkloadDefinition {
    guard let definition = WorkloadCatalog[yaml.text(node)] else {
      throw yaml.error(
        node, "a workload (see nearmetal list workloads)", unknown: yaml.text(node),
        among: WorkloadCatalog.all.map(\.id))
    }
    return definition
  }

  /// Parameters of a workload, each of which it takes, with a value that makes sense.
  /// - Parameter others: names that are allowed besides, whose values are free.
  func parameters(
    _ fields: Node.Mapping, of definition: WorkloadDefinition, allowing others: [String] = []
  ) throws(DefinitionError) -> [String: ParameterValue] {
    var values: [String: ParameterValue] = [:]
    for (key, node) in fields {
      let name = yaml.text(key)
      guard let text = node.string else { throw yaml.error(node, "a plain value for \(name)", yaml.text(node)) }
      let value = ParameterValue(text)
      values[name] = value
      if others.contains(name) { continue }
      guard let parameter = definition.parameter(name) else {
        let known = definition.parameters.map(\.name).sorted().joined(separator: ", ")
        let expected =
          known.isEmpty ? "\(definition.id) without parameters" : "a parameter of \(definition.id): \(known)"
        throw yaml.error(key, expected, unknown: name, among: definition.parameters.map(\.name))
      }
      guard parameter.allows(value) else { throw yaml.error(node, parameter.expectation, text) }
    }
    return values
  }
}
