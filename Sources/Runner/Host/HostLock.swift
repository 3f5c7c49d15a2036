import CLinux
import LinuxSystem
import SystemPackage

/// One run at a time on a host: two would measure each other.
public struct HostLock: ~Copyable {
  /// Where the lock is: a folder that every user may write to and that a reboot empties.
  public static let path = "/run/lock/nearmetal.lock"
  private static let fallback = "/tmp/nearmetal.lock"
  private let descriptor: Descriptor

  /// Takes the lock, or says who has it.
  public init(path: String? = nil) throws(HostLockError) {
    let folder = unsafe access("/run/lock", W_OK) == 0
    let path = path ?? (folder ? Self.path : Self.fallback)
    let descriptor = try Self.open(path)
    guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
      throw .held(path: path, by: Self.read(descriptor.rawValue))
    }
    let text = Array("process \(getpid())".utf8)
    _ = ftruncate(descriptor.rawValue, 0)
    _ = unsafe text.withUnsafeBytes { unsafe pwrite(descriptor.rawValue, $0.baseAddress, $0.count, 0) }
    self.descriptor = descriptor
  }

  deinit {
    // Another user who takes the lock next may be unable to write its own name: this one must not stay.
    _ = ftruncate(descriptor.rawValue, 0)
  }

  private static func open(_ path: String) throws(HostLockError) -> Descriptor {
    // Another user's file can be locked by whoever may read it; only the name of the holder is then left as it was.
    if let other = try? Descriptor.open(path, O_RDONLY | O_NOFOLLOW), unsafe access(path, W_OK) != 0 { return other }
    do throws(SystemError) {
      // In a folder that everybody may write to, a link could lead to a file of somebody else's choice.
      return try Descriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o666)
    } catch {
      // Another user's file: reading it is enough to lock it (flock(2)).
      let isOthers = error.errno == .permissionDenied
      if isOthers, let file = try? Descriptor.open(path, O_RDONLY | O_NOFOLLOW) { return file }
      throw .unusable(error)
    }
  }

  private static func read(_ fd: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(fd, $0.baseAddress, $0.count, 0) }
    return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : "a process that did not say which"
  }
}

/// Why the lock could not be had.
public enum HostLockError: Error, CustomStringConvertible, Sendable {
  case held(path: String, by: String)
  case unusable(SystemError)

  public var description: String {
    switch self {
    case .held(let path, let owner):
      "another run is in progress: \(owner) holds \(path); wait for it or end it, since two runs would measure each other"
    case .unusable(let error): error.description
    }
  }
}
