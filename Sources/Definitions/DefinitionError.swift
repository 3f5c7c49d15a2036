/// A file of the user's that cannot be used: one line with the file, the place in it, what was expected and what stands there.
public struct DefinitionError: Error, CustomStringConvertible, Sendable, Equatable {
  public let path: String
  /// Line, from 1; nil where the whole file is meant.
  public let line: Int?
  /// Column in its line, from 1; nil where the whole line is meant.
  public let column: Int?
  public let expected: String
  public let found: String

  public init(path: String, line: Int? = nil, column: Int? = nil, expected: String, found: String) {
    self.path = path
    self.line = line
    self.column = column
    self.expected = expected
    self.found = found
  }

  /// `suite.yaml:7:18: expected qd from 1 to 1024, found 0`.
  public var description: String {
    let place = [line, column].compactMap { $0.map { ":\($0)" } }.joined()
    return "\(path)\(place): expected \(expected), found \(found)"
  }
}
