import Glibc
import LinuxSystem
import SystemPackage

/// What is wrong with an image, or with what was to be done with it, in one line that names the file.
public struct ImageError: Error, Equatable, Sendable, CustomStringConvertible, OutputFailure {
  public enum Kind: Sendable, Equatable {
    /// The file's content contradicts its format.
    case malformed
    /// The file is right, but uses what this program does not have.
    case unsupported
    /// What was asked makes no sense, or is not permitted.
    case refused
    /// A system call failed.
    case reading, writing
    /// Somebody asked for an end.
    case interrupted
  }

  public let kind: Kind
  public let path: String
  public let reason: String
  /// The errno of a system call; nil for what no call said.
  public let errno: Errno?

  init(_ kind: Kind, _ path: String, _ reason: String, errno: Errno? = nil) {
    self.kind = kind
    self.path = path
    self.reason = reason
    self.errno = errno
  }

  init(_ error: SystemError, _ kind: Kind, _ path: String) {
    self.init(kind, path, error.description, errno: error.errno)
  }

  /// A file that would outgrow its format.
  static func tooLarge(_ path: String, _ reason: String) -> ImageError {
    ImageError(.writing, path, reason, errno: .fileTooLarge)
  }

  /// A change of what was opened for reading.
  static func readOnly(_ path: String) -> ImageError {
    ImageError(.refused, path, "it was opened read-only", errno: .readOnlyFileSystem)
  }

  public var isOfOutput: Bool { kind == .writing }

  /// What a disk says to its guest.
  var code: Int32 {
    switch errno {
    case .some(.noSpace): ENOSPC
    case .some(.readOnlyFileSystem): EROFS
    default: EIO
    }
  }

  public var description: String { "\(path): \(reason)" }
}
