/// What is done: a workload of the catalogue with its parameters.
///
/// Records hold it flat: `workload`, the id, and `parameters` stand among their own fields.
public struct Workload: Hashable, Sendable, CustomStringConvertible {
  /// Without parameters: `block.randread`.
  public var id: String
  /// By name. Absent ones have the workload's default.
  public var parameters: [String: ParameterValue]

  public init(_ id: String, _ parameters: [String: ParameterValue] = [:]) {
    self.id = id
    self.parameters = parameters
  }

  /// The value of a parameter; nil where it was not given.
  public subscript(name: String) -> ParameterValue? { parameters[name] }

  /// `block.randread bs=4KiB qd=1`.
  public var description: String { parameters.isEmpty ? id : "\(id) \(parameterText)" }

  /// `bs=4KiB qd=1`, in the order of the names; empty without any.
  public var parameterText: String {
    parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  /// Whether it is the same workload and the other has all of its parameters with these values: whether what is said of this
  /// one, with the others left free, is said of that one.
  public func covers(_ other: Workload) -> Bool {
    id == other.id && parameters.allSatisfy { other.parameters[$0.key] == $0.value }
  }
}

extension Workload {
  /// The same with other values of some parameters.
  public func with(_ others: [String: ParameterValue]) -> Workload {
    Workload(id, parameters.merging(others) { _, other in other })
  }

  /// Reads ``parameterText``: words `name=value` between spaces. A word without `=` is a name with an empty value.
  public init(_ id: String, parameterText: String) {
    var parameters: [String: ParameterValue] = [:]
    for word in parameterText.split(separator: " ") {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      parameters[String(parts[0])] = ParameterValue(parts.count > 1 ? String(parts[1]) : "")
    }
    self.init(id, parameters)
  }
}

extension Workload: Codable {
  private enum CodingKeys: String, CodingKey {
    case id = "workload"
    case parameters
  }
}
