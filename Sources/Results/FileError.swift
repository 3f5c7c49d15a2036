/// A file operation that failed, in one line.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was attempted, with its object: "write out/result.json".
  public let operation: String
  /// What the system said.
  public let reason: String
  /// What the user can do; empty where there is nothing particular to say.
  public let advice: String

  public init(_ operation: String, reason: String, advice: String = "") {
    self.operation = operation
    self.reason = reason
    self.advice = advice
  }

  public var description: String {
    "cannot \(operation): \(reason)" + (advice.isEmpty ? "" : ". \(advice)")
  }
}
