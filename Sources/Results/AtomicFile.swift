import Glibc

/// Files that are either the old one or the new one, whatever happens in between.
public enum AtomicFile {
  /// Writes beside `path`, makes it durable, then renames over `path`. Blocks until the disk has it.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let temporary = "\(path).partial-\(getpid())"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("write \(path)") }
    do throws(FileError) {
      defer { _ = close(descriptor) }
      try writeAll(bytes, to: descriptor, path: path)
      guard fsync(descriptor) == 0 else { throw failure("make \(path) durable") }
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
    guard unsafe rename(temporary, path) == 0 else {
      let error = failure("rename \(temporary) to \(path)")
      _ = unsafe unlink(temporary)
      throw error
    }
    try synchronizeDirectory(of: path)
  }

  /// The whole of a file.
  public static func read(_ path: String) throws(FileError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("read \(path)") }
    defer { _ = close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure("read \(path)") }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  /// Makes a directory and those above it; no error where it is there.
  public static func makeDirectory(_ path: String) throws(FileError) {
    if isDirectory(path) { return }
    let parent = directory(of: path)
    if parent != path, !exists(parent) { try makeDirectory(parent) }
    if unsafe mkdir(path, 0o755) == 0 { return }
    let error = failure("make the directory \(path)")
    // Another process may have made it meanwhile.
    if !isDirectory(path) { throw error }
  }

  public static func remove(_ path: String) throws(FileError) {
    guard unsafe unlink(path) == 0 else { throw failure("remove \(path)") }
  }

  public static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  public static func isDirectory(_ path: String) -> Bool {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    _ = close(descriptor)
    return true
  }

  /// The directory that a path's last component is in.
  static func directory(of path: String) -> String {
    var path = path[...]
    while path.count > 1, path.last == "/" { path.removeLast() }
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes[done...].withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure("write \(path)") }
      done += count
    }
  }

  /// A rename is durable once its directory is. Some file systems cannot do that; then nothing more can be done.
  private static func synchronizeDirectory(of path: String) throws(FileError) {
    let descriptor = unsafe open(directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { _ = close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure("make \(path) durable") }
  }

  /// The error of the call that has just failed.
  static func failure(_ operation: String) -> FileError {
    let code = errno
    let reason = unsafe String(cString: strerror(code))
    let advice =
      switch code {
      case EACCES, EPERM, EROFS: "Choose a directory that this user may write, or change its permissions."
      case ENOSPC, EDQUOT: "Free some space, or choose another directory."
      default: ""
      }
    return FileError(operation, reason: reason, advice: advice)
  }
}
