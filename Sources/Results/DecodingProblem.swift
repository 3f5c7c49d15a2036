import Foundation

/// What the JSON decoder found, as place and expectation.
struct DecodingProblem {
  let place: String
  let expected: String

  init(_ error: DecodingError, bytes: [UInt8]) {
    switch error {
    case .keyNotFound(let key, let context):
      place = ResultStore.place(context.codingPath)
      expected = "expected the field \"\(key.stringValue)\", which is not there"
    case .valueNotFound(_, let context):
      place = ResultStore.place(context.codingPath)
      expected = "expected a value, found null"
    case .typeMismatch(let type, let context):
      place = ResultStore.place(context.codingPath)
      expected = "expected \(Self.name(of: type)); \(ResultStore.oneLine(context.debugDescription))"
    case .dataCorrupted(let context):
      if let problem = JSONSyntax.firstProblem(in: bytes) {
        place = "\(problem.line):\(problem.column)"
        expected = "expected \(problem.expected)"
      } else {
        place = ResultStore.place(context.codingPath)
        expected = ResultStore.oneLine(context.debugDescription)
      }
    @unknown default:
      place = "top level"
      expected = ResultStore.oneLine("\(error)")
    }
  }

  func readError(path: String) -> ResultReadError {
    .malformed(path: path, place: place, expected: expected)
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
