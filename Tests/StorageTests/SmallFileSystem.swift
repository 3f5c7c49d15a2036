import CLinux
import Glibc

/// A memory file system of a given size, mounted for a test; nil where mounting is not permitted.
final class SmallFileSystem {
  let path: String

  init?(bytes: Int) throws {
    var template = Array("/var/tmp/nearmetal-mount-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { return nil }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard unsafe mount("none", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
      unsafe rmdir(path)
      return nil
    }
  }

  deinit {
    unsafe umount(path)
    unsafe rmdir(path)
  }
}
