import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// Disk images as files.
public enum DiskImage {
  /// Makes `path` a file of exactly `size` bytes that holds the pattern of generation 0, durably, with every block allocated and in
  /// the page cache as ``PageCache`` lays it.
  /// Blocks for as long as writing takes.
  /// - Parameters:
  ///   - path: a file that is there loses its content.
  ///   - size: bytes, a positive multiple of 512.
  ///   - seed: of the pattern; see ``DiskPattern``.
  /// - Throws: `SystemError`, one line that names the path: a full disk is "No space left on device".
  public static func prepare(path: String, size: UInt64, seed: UInt64) throws(SystemError) {
    let file = try Descriptor.open(path, O_RDWR | O_CREAT, explain: { _ in "Choose a path that you may write to." })
    try prepare(file, path: path, size: size, seed: seed)
  }

  /// The same for a file that is open, which need not have a name.
  /// - Parameters:
  ///   - file: open for reading and writing.
  ///   - path: what messages call it.
  ///   - size: bytes, a positive multiple of 512.
  ///   - seed: of the pattern; see ``DiskPattern``.
  public static func prepare(
    _ file: borrowing Descriptor, path: String, size: UInt64, seed: UInt64
  ) throws(SystemError) {
    precondition(size > 0 && size % 512 == 0, "a disk is of whole sectors")
    guard ftruncate(file.rawValue, off_t(size)) == 0 else { throw failure("size the disk image \(path)") }
    let piece = try Mapping.anonymous(count: 1 << 20)
    var offset: UInt64 = 0
    while offset < size {
      let count = Int(min(UInt64(piece.count), size - offset))
      let bytes = unsafe UnsafeMutableRawBufferPointer(start: piece.base, count: count)
      unsafe DiskPattern.fill(bytes, firstSector: offset / 512, seed: seed)
      try unsafe write(UnsafeRawBufferPointer(bytes), to: file, at: offset, path: path)
      offset += UInt64(count)
    }
    guard fsync(file.rawValue) == 0 else { throw failure("make the disk image \(path) durable") }
    try PageCache.lay(file)
  }

  private static func write(
    _ bytes: UnsafeRawBufferPointer, to file: borrowing Descriptor, at offset: UInt64, path: String
  ) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let moved = unsafe pwrite(file.rawValue, bytes.baseAddress! + done, bytes.count - done, off_t(offset) + done)
      if moved > 0 { done += moved } else if nm_errno() != EINTR { throw failure("fill the disk image \(path)") }
    }
  }

  private static func failure(_ operation: String) -> SystemError {
    let errno = Errno(rawValue: nm_errno())
    return SystemError(
      operation, errno, advice: errno == .noSpace ? "Free some space or choose a smaller disk." : nil)
  }
}
