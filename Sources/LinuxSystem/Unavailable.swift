/// A fact that could not be had, and why. It is never replaced by a default or a zero.
public struct Unavailable: Error, Equatable, Sendable, CustomStringConvertible {
  /// Why, as a phrase: "/sys/kernel/tracing: No such file or directory".
  public let reason: String

  public init(_ reason: String) {
    self.reason = reason
  }

  public var description: String { "unavailable: \(reason)" }
}
