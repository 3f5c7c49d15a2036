import CLinux
import Glibc
import LinuxSystem
import Storage
import SystemPackage

/// A prepared disk of one kind, in a file that is removed with it.
public final class TestDisk {
  public let specification: BackingSpecification
  private let path: String?

  public init(_ kind: String, size: UInt64, seed: UInt64) throws {
    switch kind {
    case "null": (path, specification) = (nil, .null(size: size))
    case "memory": (path, specification) = (nil, .memory(size: size, seed: seed))
    default:
      // Not in /tmp or /dev/shm: a memory file system may lack O_DIRECT.
      var template = Array("/var/tmp/nearmetal-disk-XXXXXX".utf8CString)
      close(unsafe mkstemp(&template))
      let made = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
      path = made
      specification = kind == "file" ? .file(path: made) : .direct(path: made)
      try DiskImage.prepare(path: made, size: size, seed: seed)
    }
  }

  deinit {
    if let path { unsafe unlink(path) }
  }

  public func truncate(to size: Int) throws {
    guard unsafe Glibc.truncate(path!, size) == 0 else { throw Errno(rawValue: nm_errno()) }
  }

  public func allocatedBytes() throws -> Int {
    var status = stat()
    guard unsafe stat(path!, &status) == 0 else { throw Errno(rawValue: nm_errno()) }
    return status.st_blocks * 512
  }
}
