import SystemPackage

/// A file operation that failed, in one line.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was to be done with the file. What could not be read is the user's input, what could not be written is the
  /// program's output: they end the program with different statuses.
  public enum Access: Sendable {
    case reading, writing
  }

  public let access: Access
  /// What was attempted, with its object: "write out/result.json".
  public let operation: String
  /// What the system said.
  public let errno: Errno
  /// What is left of the file's earlier content and what the user can do, as sentences; empty where there is nothing
  /// particular to say.
  public let advice: String

  /// - Parameters:
  ///   - access: what was to be done with the file; only where it was to be written does the errno bring advice.
  ///   - operation: what was attempted, with its object: "write out/result.json".
  ///   - errno: what the system said.
  ///   - kept: what is left of an earlier file, as a sentence.
  public init(_ access: Access, _ operation: String, _ errno: Errno, kept: String? = nil) {
    self.access = access
    self.operation = operation
    self.errno = errno
    advice = [kept, access == .writing ? Self.advice(for: errno) : nil].compactMap(\.self).joined(separator: " ")
  }

  private static func advice(for errno: Errno) -> String {
    switch errno {
    case .permissionDenied, .notPermitted, .readOnlyFileSystem:
      "Choose a directory that this user may write, or change its permissions."
    case .noSpace, .diskQuotaExceeded: "Free some space, or choose another directory."
    default: "Choose another path."
    }
  }

  public var description: String {
    "cannot \(operation): \(errno)" + (advice.isEmpty ? "" : ". \(advice)")
  }
}

/// An error that may be about what the program was to write. The input is not to blame then, and the program's exit status
/// says so.
public protocol OutputFailure: Error {
  /// Whether a file or a stream could not be written.
  var isOfOutput: Bool { get }
}

extension FileError: OutputFailure {
  public var isOfOutput: Bool { access == .writing }
}
