import CLinux
import Glibc
import SystemPackage

/// A file that has no name from its first moment on: nobody else can open it, no link can stand in its place, and it is gone
/// with its last descriptor, however the process ends.
public enum UnnamedFile {
  /// Makes an empty file in a folder: by O_TMPFILE (Linux 3.11), and where the file system has no such thing by a name that
  /// nobody can foresee, which is taken away at once.
  public static func make(in folder: String) throws(SystemError) -> Descriptor {
    let advice = "Choose a folder that you may write to."
    do throws(SystemError) {
      return try Descriptor.open(folder, O_RDWR | nm_o_tmpfile(), mode: 0o600, explain: { _ in advice })
    } catch {
      guard [.notSupported, .isDirectory, .invalidArgument].contains(error.errno) else { throw error }
    }
    let path = "\(folder)/.nearmetal-\(String(UInt64.random(in: 0...(.max)), radix: 36))"
    let file = try Descriptor.open(
      path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600, explain: { _ in advice })
    try systemCall("take away the name \(path)") { unsafe unlink(path) }
    return file
  }

  /// Makes a file that is a piece of memory.
  /// - Parameter bytes: what it holds; its place is its beginning.
  public static func inMemory(_ bytes: [UInt8] = []) throws(SystemError) -> Descriptor {
    let file = Descriptor(
      owning: try systemCall("make a memory file") { unsafe memfd_create("nearmetal", UInt32(MFD_CLOEXEC)) })
    do throws(Errno) {
      try file.writeAll(bytes)
      _ = try systemCall { lseek(file.rawValue, 0, SEEK_SET) }
    } catch { throw SystemError("write a memory file of \(bytes.count) bytes", error) }
    return file
  }

  /// Makes a file of so many bytes of memory, zeroed, for processes to map together. Its size is sealed: whoever is given the file
  /// cannot take away what another one has mapped, whose next access would end that process.
  /// - Parameters:
  ///   - count: bytes; with reserved pages a multiple of 2 MiB.
  ///   - pages: which pages it has.
  public static func memory(count: Int, pages: MemoryPages) throws(SystemError) -> Descriptor {
    let kind = pages == .reserved ? UInt32(MFD_HUGETLB) | UInt32(nm_MAP_HUGE_2MB) : 0
    let file = Descriptor(
      owning: try systemCall("make a memory file") {
        unsafe memfd_create("nearmetal", UInt32(MFD_CLOEXEC) | UInt32(MFD_ALLOW_SEALING) | kind)
      })
    let descriptor = file.rawValue
    try systemCall("size a memory file to \(count) bytes") { ftruncate(descriptor, count) }
    try systemCall("seal a memory file") {
      Glibc.fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
    }
    return file
  }

  /// A path by which this process, and a child that has the descriptor under the same number, opens the file anew, with flags
  /// of its own (proc(5), /proc/pid/fd).
  public static func path(_ descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }
}
