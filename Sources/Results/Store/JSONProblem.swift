import LinuxSystem

/// What keeps a text from being read as JSON, or a value from being written so: the place, and what was expected there.
public struct JSONProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// `line:column` where the text is not JSON, else the path of the offending field.
  public let place: String
  public let expected: String

  init(decoding error: any Error, bytes: [UInt8]) {
    switch error {
    case DecodingError.keyNotFound(let key, let context):
      place = Self.place(context.codingPath)
      expected = "expected the field \"\(key.stringValue)\", which is not there"
    case DecodingError.valueNotFound(_, let context):
      place = Self.place(context.codingPath)
      expected = "expected a value, found null"
    case DecodingError.typeMismatch(let type, let context):
      place = Self.place(context.codingPath)
      expected = "expected \(Self.name(of: type)); \(context.debugDescription.oneLine)"
    case DecodingError.dataCorrupted(let context):
      if let problem = JSONSyntax.firstProblem(in: bytes) {
        place = "\(problem.line):\(problem.column)"
        expected = "expected \(problem.expected)"
      } else {
        place = Self.place(context.codingPath)
        expected = context.debugDescription.oneLine
      }
    default:
      place = "top level"
      expected = "\(error)".oneLine
    }
  }

  init(encoding error: any Error) {
    switch error {
    case EncodingError.invalidValue(let value, let context):
      place = Self.place(context.codingPath)
      expected = "expected a finite number, found \(value)"
    default:
      place = "top level"
      expected = "\(error)".oneLine
    }
  }

  public var description: String { "\(place): \(expected)" }

  /// A field's path as it would be written in JavaScript: `legs[3].metrics[0].value`.
  static func place(_ path: [any CodingKey]) -> String {
    let text = path.reduce("") { text, key in
      if let index = key.intValue { return "\(text)[\(index)]" }
      return text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)"
    }
    return text.isEmpty ? "top level" : text
  }

  /// What JSON calls a type.
  private static func name(of type: any Any.Type) -> String {
    if type is String.Type { return "a string" }
    if type is Bool.Type { return "true or false" }
    if type is any BinaryInteger.Type { return "a whole number" }
    if type is any BinaryFloatingPoint.Type { return "a number" }
    let text = "\(type)"
    if text.hasPrefix("Array") { return "an array" }
    if text.hasPrefix("Dictionary") { return "an object" }
    return "\(text)"
  }
}
