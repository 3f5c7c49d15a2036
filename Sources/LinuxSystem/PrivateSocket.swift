import CLinux
import Glibc
import SystemPackage

/// A socket that another program is to accept a connection from, and that connection's other end: the first in the queue, and the only
/// one that there can be. The socket's name was in a folder of this user's alone, and is gone by the time that anything is accepted.
public struct PrivateSocket: ~Copyable, Sendable {
  private let listener: Descriptor
  private let connection: Descriptor

  /// - Parameter folder: where a folder may be made for the moment.
  public init(in folder: String) throws(SystemError) {
    let advice = "Set TMPDIR to a folder that you may write to, of fewer than 80 bytes."
    var pattern = Array("\(folder)/nearmetal-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&pattern) != nil else {
      throw SystemError("make a folder in \(folder)", Errno(rawValue: nm_errno()), advice: advice)
    }
    let place = String(decoding: pattern.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    let path = "\(place)/socket"
    defer {
      unsafe unlink(path)
      unsafe rmdir(place)
    }
    let listener = try Self.socket()
    let connection = try Self.socket()
    var code = unsafe nm_bind_to_path(listener.rawValue, path)
    if code == 0, listen(listener.rawValue, 1) != 0 { code = nm_errno() }
    if code == 0 { code = unsafe nm_connect_to_path(connection.rawValue, path) }
    guard code == 0 else { throw SystemError("connect a socket in \(folder)", Errno(rawValue: code), advice: advice) }
    self.listener = listener
    self.connection = connection
  }

  private static func socket() throws(SystemError) -> Descriptor {
    Descriptor(
      owning: try systemCall("make a socket") {
        Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      })
  }

  /// What the other program accepts from.
  public var listenerDescriptor: Int32 { listener.rawValue }

  /// The connection. From then on the other program alone has what it accepts from: its end is the connection's end too.
  public consuming func takeConnection() -> Descriptor { connection }
}
