import Glibc

/// What a file system says of itself.
public enum FileSystem {
  /// Bytes that this user may still write where a path is (statvfs(3)); nil where the system does not say.
  public static func freeBytes(_ path: String) -> UInt64? {
    var figures = statvfs()
    guard unsafe statvfs(path, &figures) == 0 else { return nil }
    return UInt64(figures.f_bavail).multipliedReportingOverflow(by: UInt64(figures.f_frsize)).partialValue
  }
}
