import CLinux
import Glibc

/// Keeps two programs from writing one image: record locks on single bytes of the file, which QEMU and its tools take as well
/// (docs/system/images, "disk image file locking"): bytes from 100 say what a holder does, bytes from 200 what it cannot bear
/// others to do; each kind of access has the same number in both.
enum ImageLock {
  private static let uses: Int64 = 100
  private static let forbids: Int64 = 200
  /// Numbers of kinds of access.
  private static let read: Int64 = 0
  private static let write: Int64 = 1
  private static let resize: Int64 = 3

  /// Takes what an access needs for as long as the descriptor is open.
  /// - Returns: false where another process has what does not go with it. A file system without locks has nobody.
  private static func take(_ descriptor: Int32, writing: Bool) -> Bool {
    let used = writing ? [read, write, resize] : [read]
    for byte in used.map({ uses + $0 }) + [forbids + write, forbids + resize] {
      if !share(descriptor, byte) { return false }
    }
    return used.allSatisfy { !isHeld(descriptor, forbids + $0) }
      && [write, resize].allSatisfy { !isHeld(descriptor, uses + $0) }
  }

  /// Takes what an access needs, and tries for half a second: a program that is just being started holds copies of its starter's
  /// descriptors, and their locks, until it runs.
  static func takeSoon(_ descriptor: Int32, writing: Bool) -> Bool {
    for _ in 0..<25 {
      if take(descriptor, writing: writing) { return true }
      release(descriptor)
      usleep(20_000)
    }
    return false
  }

  static func release(_ descriptor: Int32) {
    var lock = request(Int16(F_UNLCK), uses)
    lock.l_len = off_t(forbids + 100 - uses)
    _ = unsafe fcntl(descriptor, F_OFD_SETLK, &lock)
  }

  private static func share(_ descriptor: Int32, _ byte: Int64) -> Bool {
    var lock = request(Int16(F_RDLCK), byte)
    if unsafe fcntl(descriptor, F_OFD_SETLK, &lock) == 0 { return true }
    return nm_errno() != EAGAIN && nm_errno() != EACCES
  }

  /// Whether somebody else has a lock on the byte.
  private static func isHeld(_ descriptor: Int32, _ byte: Int64) -> Bool {
    var lock = request(Int16(F_WRLCK), byte)
    return unsafe fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
  }

  private static func request(_ kind: Int16, _ byte: Int64) -> flock {
    flock(l_type: kind, l_whence: Int16(SEEK_SET), l_start: off_t(byte), l_len: 1, l_pid: 0)
  }
}
