import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// An open disk image or block device.
struct BackingFile: ~Copyable, Sendable {
  let descriptor: Descriptor
  /// Bytes up to which requests are taken.
  let capacity: UInt64
  let isReadOnly: Bool

  /// Opens a regular file or a block device. A file that may not be written is opened read-only.
  /// - Parameters:
  ///   - flags: `open(2)` flags besides the access mode.
  ///   - readOnly: refuse writes even where the file would take them.
  ///   - isContainer: whether the file holds a disk among other things and may grow: its size is no bound then.
  init(path: String, flags: Int32, readOnly: Bool, isContainer: Bool = false) throws(SystemError) {
    var writable = !readOnly
    var opened: Descriptor
    do {
      opened = try Descriptor.open(path, flags | (writable ? O_RDWR : O_RDONLY), explain: Self.advice)
    } catch  where writable && [Errno.permissionDenied, .readOnlyFileSystem].contains(error.errno) {
      writable = false
      opened = try Descriptor.open(path, flags | O_RDONLY, explain: Self.advice)
    }
    let bytes = try Self.size(of: opened, path: path)
    guard isContainer || bytes >= 512 else {
      throw SystemError("use \(path) as a disk", .invalidArgument, advice: "It is shorter than a sector.")
    }
    descriptor = opened
    capacity = isContainer ? UInt64(Int64.max) & ~511 : bytes & ~511
    isReadOnly = !writable
  }

  private static func advice(_ errno: Errno) -> String? {
    switch errno {
    case .noSuchFileOrDirectory: "Prepare the disk first."
    case .invalidArgument: "Its file system lacks O_DIRECT: use the backing \"file\" instead."
    default: nil
    }
  }

  private static func size(of descriptor: borrowing Descriptor, path: String) throws(SystemError) -> UInt64 {
    var status = stat()
    guard unsafe fstat(descriptor.rawValue, &status) == 0 else {
      throw SystemError("read the size of \(path)", Errno(rawValue: nm_errno()))
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return UInt64(status.st_size)
    case S_IFBLK:
      var bytes: UInt64 = 0
      let code = unsafe nm_block_device_size(descriptor.rawValue, &bytes)
      guard code == 0 else { throw SystemError("read the size of \(path)", Errno(rawValue: code)) }
      return bytes
    default:
      throw SystemError("use \(path) as a disk", .invalidArgument, advice: "It is neither a file nor a block device.")
    }
  }

  /// The same file for transfers, as long as this owner lives.
  var open: OpenFile { OpenFile(descriptor: descriptor.rawValue) }
}
