import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// An open disk image or block device, and the blocking transfers on it.
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
    guard bytes >= 512 else {
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

  /// Reads all the bytes. Returns 0 or an errno: EIO where the file ends early.
  @inline(never)
  borrowing func read(_ buffer: UnsafeMutableRawPointer, _ count: Int, at offset: UInt64) -> Int32 {
    var done = 0
    while done < count {
      let moved = unsafe pread(descriptor.rawValue, buffer + done, count - done, off_t(offset) + done)
      if moved > 0 {
        done += moved
      } else if moved == 0 {
        return EIO
      } else {
        let code = nm_errno()
        if code != EINTR { return code }
      }
    }
    return 0
  }

  /// Writes all the bytes. Returns 0 or an errno.
  @inline(never)
  borrowing func write(_ buffer: UnsafeRawPointer, _ count: Int, at offset: UInt64) -> Int32 {
    var done = 0
    while done < count {
      let moved = unsafe pwrite(descriptor.rawValue, buffer + done, count - done, off_t(offset) + done)
      if moved > 0 {
        done += moved
      } else if moved == 0 {
        return EIO
      } else {
        let code = nm_errno()
        if code != EINTR { return code }
      }
    }
    return 0
  }

  /// Makes finished writes durable. Returns 0 or an errno.
  @inline(never)
  borrowing func flush() -> Int32 {
    while fdatasync(descriptor.rawValue) != 0 {
      let code = nm_errno()
      if code != EINTR { return code }
    }
    return 0
  }

  /// Gives the range back to the file system. Returns 0 or an errno, ENOTSUP where the backing cannot.
  @inline(never)
  borrowing func discard(_ count: Int, at offset: UInt64) -> Int32 {
    allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, count, offset)
  }

  /// Makes the range read as zeros. Returns 0 or an errno, ENOTSUP where the backing cannot.
  @inline(never)
  borrowing func writeZeroes(_ count: Int, at offset: UInt64) -> Int32 {
    let code = allocate(FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, count, offset)
    // A file system without ranges of zeros may still punch holes, and a hole reads as zeros.
    return code == ENOTSUP ? allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, count, offset) : code
  }

  private borrowing func allocate(_ mode: Int32, _ count: Int, _ offset: UInt64) -> Int32 {
    while fallocate(descriptor.rawValue, mode, off_t(offset), off_t(count)) != 0 {
      let code = nm_errno()
      if code == ENODEV || code == ENOSYS { return ENOTSUP }
      if code != EINTR { return code }
    }
    return 0
  }
}
