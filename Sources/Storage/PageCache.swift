import CLinux
import Glibc
import LinuxSystem

/// How a file lies in the page cache, which a reader pays for: the kernel keeps a file in pieces as large as the writes that made it
/// (large folios), and reads of 4 KiB take a third longer from pieces of 64 KiB than from those of a megabyte. Disks that are
/// compared must lie there alike, whatever wrote them.
public enum PageCache {
  private static let step = 1 << 20

  /// Has a file's pages read anew, from its beginning to its end: they then lie as the kernel's read-ahead lays out any file. What is
  /// not on the disk yet is written before. A file system that keeps files in memory alone has them as they were.
  public static func lay(_ file: borrowing Descriptor) throws(SystemError) {
    let descriptor = file.rawValue
    try systemCall("make a disk image durable") { fdatasync(descriptor) }
    _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    let piece = try Mapping.anonymous(count: step)
    var offset = 0
    while true {
      let count = try systemCall("read a disk image") { unsafe pread(descriptor, piece.base, step, off_t(offset)) }
      if count == 0 { return }
      offset += count
    }
  }

  /// The same for a file with a name.
  public static func lay(path: String) throws(SystemError) { try lay(Descriptor.open(path, O_RDONLY)) }
}
