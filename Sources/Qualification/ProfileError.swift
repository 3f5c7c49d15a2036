/// A profile that cannot be used: one line with the file, the place, what was expected and what stands there.
public struct ProfileError: Error, CustomStringConvertible, Sendable, Equatable {
  public let path: String
  /// Line, from 1; nil where the whole file is meant.
  public let line: Int?
  public let expected: String
  public let found: String

  public var description: String {
    "\(path)\(line.map { ":\($0)" } ?? ""): expected \(expected), found \(found)"
  }
}
