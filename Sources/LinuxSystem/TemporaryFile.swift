import CLinux
import SystemPackage

/// A file with given bytes that is removed when its owner goes.
public struct TemporaryFile: ~Copyable, Sendable {
  public let path: String

  /// Writes the bytes to a new file in the directory for temporary files.
  public init(_ bytes: [UInt8], suffix: String) throws(SystemError) {
    let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(folder)/nearmetal-XXXXXX\(suffix)".utf8CString)
    let fd = unsafe mkostemps(&template, Int32(suffix.utf8.count), O_CLOEXEC)
    guard fd >= 0 else { throw SystemError("make a temporary file in \(folder)", Errno(rawValue: nm_errno())) }
    let descriptor = Descriptor(owning: fd)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes[done...].withUnsafeBytes { unsafe write(descriptor.rawValue, $0.baseAddress, $0.count) }
      if count < 0 && nm_errno() == EINTR { continue }
      guard count > 0 else {
        let code = nm_errno()
        _ = unsafe unlink(path)
        throw SystemError("write \(path)", Errno(rawValue: code))
      }
      done += count
    }
    self.path = path
  }

  deinit {
    _ = unsafe unlink(path)
  }
}
