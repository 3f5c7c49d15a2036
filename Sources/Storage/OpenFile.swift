import CLinux
import Glibc

/// Blocking transfers on a file that somebody else keeps open.
struct OpenFile: Sendable {
  let descriptor: Int32

  /// Reads all the bytes. Returns 0 or an errno: EIO where the file ends early.
  @inline(never)
  func read(_ buffer: UnsafeMutableRawPointer, _ count: Int, at offset: UInt64) -> Int32 {
    moveAll(count) { done in unsafe nm_pread(descriptor, buffer + done, count - done, off_t(offset) + done) }
  }

  /// Writes all the bytes. Returns 0 or an errno.
  @inline(never)
  func write(_ buffer: UnsafeRawPointer, _ count: Int, at offset: UInt64) -> Int32 {
    moveAll(count) { done in unsafe nm_pwrite(descriptor, buffer + done, count - done, off_t(offset) + done) }
  }

  /// - Parameter move: moves what is left after so many bytes, and returns how many it moved.
  @inline(__always)
  private func moveAll(_ count: Int, _ move: (Int) -> Int) -> Int32 {
    var done = 0
    while done < count {
      let moved = move(done)
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
  func flush() -> Int32 {
    while fdatasync(descriptor) != 0 {
      let code = nm_errno()
      if code != EINTR { return code }
    }
    return 0
  }

  /// Gives the range back to the file system. Returns 0 or an errno, ENOTSUP where the backing cannot.
  @inline(never)
  func discard(_ count: Int, at offset: UInt64) -> Int32 {
    allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, count, offset)
  }

  /// Makes the range read as zeros. Returns 0 or an errno, ENOTSUP where the backing cannot.
  @inline(never)
  func writeZeroes(_ count: Int, at offset: UInt64) -> Int32 {
    let code = allocate(FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, count, offset)
    // A file system without ranges of zeros may still punch holes, and a hole reads as zeros.
    return code == ENOTSUP ? allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, count, offset) : code
  }

  private func allocate(_ mode: Int32, _ count: Int, _ offset: UInt64) -> Int32 {
    while fallocate(descriptor, mode, off_t(offset), off_t(count)) != 0 {
      let code = nm_errno()
      if code == ENODEV || code == ENOSYS { return ENOTSUP }
      if code != EINTR { return code }
    }
    return 0
  }
}
