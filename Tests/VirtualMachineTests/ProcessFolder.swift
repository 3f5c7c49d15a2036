import CLinux
import LinuxSystem
import SystemPackage

/// Counts what `/proc/self` lists.
enum ProcessFolder {
  /// Entries of a folder: `fd` for open descriptors, `task` for threads.
  static func count(_ name: String) throws -> Int {
    guard let folder = unsafe opendir("/proc/self/\(name)") else {
      throw SystemError("list /proc/self/\(name)", Errno(rawValue: nm_errno()))
    }
    defer { unsafe closedir(folder) }
    var count = 0
    while unsafe readdir(folder) != nil { count += 1 }
    return count
  }
}
