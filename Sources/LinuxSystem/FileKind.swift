import Glibc

/// What a path leads to.
public enum FileKind: Sendable {
  case plain, folder, pipe, device, other

  /// Follows links; nil where there is nothing.
  public init?(_ path: String) {
    var status = Glibc.stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    self.init(mode: status.st_mode)
  }

  /// Nil where the system does not say.
  public init?(_ file: borrowing Descriptor) {
    var status = Glibc.stat()
    guard unsafe fstat(file.rawValue, &status) == 0 else { return nil }
    self.init(mode: status.st_mode)
  }

  /// The permissions of what a path leads to; nil where there is nothing.
  public static func permissions(_ path: String) -> mode_t? {
    var status = Glibc.stat()
    return unsafe stat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
  }

  private init(mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFREG: self = .plain
    case S_IFDIR: self = .folder
    case S_IFIFO, S_IFSOCK: self = .pipe
    case S_IFCHR, S_IFBLK: self = .device
    default: self = .other
    }
  }

  /// As a message has it.
  public var phrase: String {
    switch self {
    case .plain: "a plain file"
    case .folder: "a folder"
    case .pipe: "a pipe"
    case .device: "a device"
    case .other: "something unknown"
    }
  }
}
