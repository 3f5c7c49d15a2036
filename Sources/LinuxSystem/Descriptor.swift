import Glibc
import SystemPackage

/// Owned Linux objects, each closed exactly once: descriptors, mappings, event counters, pinned threads.
///
/// A descriptor's owner. It is closed when the owner goes out of scope.
public struct Descriptor: ~Copyable, Sendable {
  /// The number, for calls that borrow the descriptor.
  public let rawValue: Int32

  /// Takes ownership of an open descriptor.
  public init(owning rawValue: Int32) {
    self.rawValue = rawValue
  }

  deinit {
    _ = close(rawValue)
  }

  /// Opens a file, close-on-exec. Blocks as `open(2)` does.
  /// - Parameters:
  ///   - path: of the file.
  ///   - flags: those of `open(2)`; `O_CLOEXEC` is added.
  ///   - mode: permissions of a file that this creates, less the process's umask.
  ///   - explain: what the user can do about an errno.
  /// - Throws: `SystemError` with the operation "open PATH".
  public static func open(
    _ path: String, _ flags: Int32, mode: mode_t = 0o644, explain: (Errno) -> String? = { _ in nil }
  ) throws(SystemError) -> Descriptor {
    Descriptor(
      owning: try systemCall("open \(path)", advice: explain) { unsafe Glibc.open(path, flags | O_CLOEXEC, mode) })
  }

  /// Duplicates the descriptor, close-on-exec.
  public func duplicate() throws(SystemError) -> Descriptor { try Self.duplicate(rawValue) }

  /// Duplicates a descriptor that somebody else keeps, close-on-exec.
  public static func duplicate(_ descriptor: Int32) throws(SystemError) -> Descriptor {
    Descriptor(owning: try systemCall("duplicate a descriptor") { Glibc.fcntl(descriptor, F_DUPFD_CLOEXEC, 0) })
  }
}
