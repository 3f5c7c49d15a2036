import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// One run at a time on a host: two would measure each other.
///
/// The lock is a file in a folder that every user may write to. Where that folder is depends on the host, and whether it may be
/// written on the user: who holds the lock holds it in each of the folders, so that any two runs meet in one of them.
public struct HostLock: ~Copyable {
  /// `/run/lock` is emptied by a reboot; it may be absent, or root's only. `/tmp` is everybody's.
  public static let paths = ["/run/lock/nearmetal.lock", "/tmp/nearmetal.lock"]
  private let held: [Held]

  /// Takes the lock, or says who has it. Waits for nobody, but for what a run that was killed left behind to end: two seconds.
  public init() throws(HostLockError) { try self.init(paths: Self.paths) }

  init(path: String) throws(HostLockError) { try self.init(paths: [path]) }

  /// - Parameter paths: where the lock is; some may be out of this user's reach, but not all.
  init(paths: [String]) throws(HostLockError) {
    var held: [Held] = []
    var problem: SystemError?
    for path in paths {
      let file: Descriptor
      do throws(SystemError) { file = try Self.open(path) } catch {
        problem = problem ?? error
        continue
      }
      guard Self.take(file) else { throw .held(path: path, by: Self.read(file.rawValue)) }
      held.append(Held(file))
    }
    if let problem, held.isEmpty { throw .unusable(problem) }
    self.held = held
  }

  /// A process that is killed leaves its sessions' processes, which end when they notice, and have its lock until then.
  private static func take(_ file: borrowing Descriptor) -> Bool {
    for _ in 0..<100 {
      if flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 { return true }
      guard let holder = read(file.rawValue).split(separator: " ").last.flatMap({ Int32($0) }), holder > 0,
        kill(holder, 0) != 0, nm_errno() == ESRCH
      else { return false }
      usleep(20_000)
    }
    return false
  }

  /// The file of a lock, which goes with it.
  private final class Held: Sendable {
    private let file: Descriptor

    init(_ file: consuming Descriptor) {
      let text = Array("process \(getpid())".utf8)
      _ = ftruncate(file.rawValue, 0)
      _ = unsafe text.withUnsafeBytes { unsafe pwrite(file.rawValue, $0.baseAddress, $0.count, 0) }
      self.file = file
    }

    deinit {
      // Another user who takes the lock next may be unable to write its own name: this one must not stay.
      _ = ftruncate(file.rawValue, 0)
    }
  }

  private static func open(_ path: String) throws(SystemError) -> Descriptor {
    // Another user's file can be locked by whoever may read it (flock(2)); only the name of the holder is then left as it was.
    let advice =
      "Remove it, or have its owner let everybody read it (chmod a+r): it is the lock of every run on this host."
    if let other = try? plain(path, O_RDONLY), unsafe access(path, W_OK) != 0 { return other }
    do throws(SystemError) { return try plain(path, O_RDWR | O_CREAT) } catch {
      // Root too may be kept from opening another user's file to write in a folder like /tmp (fs.protected_regular).
      if error.errno == .permissionDenied, let file = try? plain(path, O_RDONLY) { return file }
      let isThere = AtomicFile.exists(path)
      throw SystemError("take the lock \(path)", error.errno, advice: isThere ? advice : nil)
    }
  }

  /// Opens a plain file. In a folder that everybody may write to, a link could lead to a file of somebody else's choice, and a
  /// pipe would be waited for.
  private static func plain(_ path: String, _ flags: Int32) throws(SystemError) -> Descriptor {
    let file = try Descriptor.open(path, flags | O_NOFOLLOW | O_NONBLOCK, mode: 0o666)
    guard FileKind(file) == .plain else { throw SystemError("open \(path)", .invalidArgument) }
    return file
  }

  private static func read(_ fd: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(fd, $0.baseAddress, $0.count, 0) }
    return count > 0
      ? String(decoding: bytes.prefix(count), as: UTF8.self).oneLine.printable : "a process that did not say which"
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
