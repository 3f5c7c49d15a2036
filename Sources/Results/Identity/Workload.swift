import LinuxSystem

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

  /// `bs=4KiB qd=1`, in the order of the names; empty without any. A value with a space in it stands between quotation marks, with a
  /// backslash before each of its own and before each backslash: `cmd="ls -l"`.
  public var parameterText: String {
    parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.quoted($0.value.text))" }.joined(separator: " ")
  }

  private static func quoted(_ text: String) -> String {
    guard text.unicodeScalars.contains(" ") || text.unicodeScalars.first == "\"" else { return text }
    return "\"" + text.replacing(scalar: "\\", with: "\\\\").replacing(scalar: "\"", with: "\\\"") + "\""
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
    for word in Self.words(parameterText) {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      parameters[String(parts[0])] = ParameterValue(parts.count > 1 ? String(parts[1]) : "")
    }
    self.init(id, parameters)
  }

  /// The words between spaces, without the quotation marks that stand right behind a word's first `=` and at its end.
  private static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var (isQuoted, isEscaped) = (false, false)
    for character in text {
      if isEscaped {
        word.append(character)
        isEscaped = false
      } else if isQuoted {
        switch character {
        case "\\": isEscaped = true
        case "\"": isQuoted = false
        default: word.append(character)
        }
      } else if character == "\"", word.hasSuffix("="), word.firstIndex(of: "=") == word.index(before: word.endIndex) {
        isQuoted = true
      } else if character == " " {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    return word.isEmpty ? words : words + [word]
  }
}

extension Workload: Codable {
  private enum CodingKeys: String, CodingKey {
    case id = "workload"
    case parameters
  }
}
