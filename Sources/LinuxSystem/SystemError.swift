import SystemPackage

/// A system call that failed: what was attempted, the errno, and what the user can do about it.
public struct SystemError: Error, CustomStringConvertible, Sendable {
  /// What was attempted, as a phrase with its object: "open /dev/kvm".
  public let operation: String
  /// The errno of the call.
  public let errno: Errno
  /// What the user can do, as a sentence; nil where there is nothing particular to say.
  public let advice: String?

  public init(_ operation: String, _ errno: Errno, advice: String? = nil) {
    self.operation = operation
    self.errno = errno
    self.advice = advice
  }

  public var description: String {
    let what = "cannot \(operation): \(errno)"
    guard let advice else { return what }
    return "\(what). \(advice)"
  }
}
