import CLinux
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
  /// - Parameter explain: what the user can do about an errno.
  /// - Throws: `SystemError` with the operation "open PATH".
  public static func open(
    _ path: String, _ flags: Int32, mode: mode_t = 0o644, explain: (Errno) -> String? = { _ in nil }
  ) throws(SystemError) -> Descriptor {
    while true {
      let fd = unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
      if fd >= 0 { return Descriptor(owning: fd) }
      let code = nm_errno()
      if code != EINTR {
        throw SystemError("open \(path)", Errno(rawValue: code), advice: explain(Errno(rawValue: code)))
      }
    }
  }

  /// Duplicates the descriptor, close-on-exec.
  public func duplicate() throws(SystemError) -> Descriptor {
    let fd = Glibc.fcntl(rawValue, F_DUPFD_CLOEXEC, 0)
    guard fd >= 0 else { throw SystemError("duplicate a descriptor", Errno(rawValue: nm_errno())) }
    return Descriptor(owning: fd)
  }
}
