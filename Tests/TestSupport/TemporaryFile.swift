import CLinux
import LinuxSystem
import SystemPackage

/// A file with given bytes that is removed when its owner goes.
public struct TemporaryFile: ~Copyable, Sendable {
  public let path: String

  /// Writes the bytes to a new file in the directory for temporary files.
  public init(_ bytes: [UInt8], suffix: String) throws(SystemError) {
    let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(folder)/nearmetal-XXXXXX\(suffix)".utf8CString)
    let descriptor = Descriptor(
      owning: try systemCall("make a temporary file in \(folder)") {
        unsafe mkostemps(&template, Int32(suffix.utf8.count), O_CLOEXEC)
      })
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    do throws(Errno) { try descriptor.writeAll(bytes) } catch {
      _ = unsafe unlink(path)
      throw SystemError("write \(path)", error)
    }
    self.path = path
  }

  deinit {
    _ = unsafe unlink(path)
  }
}
