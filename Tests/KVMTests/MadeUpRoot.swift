import CLinux
import LinuxSystem
import SystemPackage

/// A folder that stands for `/`, removed when the test ends.
final class MadeUpRoot {
  let path: String

  init() throws {
    var template = Array("/tmp/nearmetal-root-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw SystemError("make a folder", Errno(rawValue: nm_errno())) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Makes a folder and those above it.
  func folder(_ name: String) throws {
    var place = path
    for part in name.split(separator: "/") {
      place += "/\(part)"
      guard unsafe mkdir(place, 0o755) == 0 || nm_errno() == EEXIST else {
        throw SystemError("make \(place)", Errno(rawValue: nm_errno()))
      }
    }
  }

  /// Writes a file, its folder too.
  func file(_ name: String, _ text: String) throws {
    try folder(name.split(separator: "/").dropLast().joined(separator: "/"))
    let target = try Descriptor.open("\(path)/\(name)", O_WRONLY | O_CREAT)
    let bytes = Array(text.utf8)
    guard unsafe write(target.rawValue, bytes, bytes.count) == bytes.count else {
      throw SystemError("write \(name)", Errno(rawValue: nm_errno()))
    }
  }

  deinit {
    guard let child = try? ChildProcess("/bin/rm", ["-rf", path]) else { return }
    _ = unsafe child.drain(until: MonotonicClock.now + 10_000_000_000) { _ in }
  }
}
