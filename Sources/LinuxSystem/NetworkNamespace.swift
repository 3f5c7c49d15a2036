import CLinux
import Synchronization
import SystemPackage

/// Network namespaces without a name: what is made in one keeps it alive, and it goes, with every interface in it, when the last
/// descriptor is closed. The kernel closes them also when a process is killed, so that nothing is ever left behind to clean up.
public enum NetworkNamespace {
  /// Makes a namespace and runs `body` inside it, on a thread of its own that ends with it.
  /// - Throws: `SystemError` where the namespace cannot be made, or what `body` throws.
  public static func make<Result: Sendable>(
    _ body: @escaping @Sendable () throws(SystemError) -> Result
  ) throws(SystemError) -> Result {
    let box = Box<Result>()
    let thread = try PinnedThread(name: "namespace") {
      box.outcome.withLock { $0 = Swift.Result { () throws(SystemError) in try enter(body) } }
    }
    thread.join()
    return try box.outcome.withLock { $0! }.get()
  }

  /// The calling thread's namespace, which is there for as long as the descriptor is.
  public static func current() throws(SystemError) -> Descriptor {
    try Descriptor.open("/proc/thread-self/ns/net", O_RDONLY)
  }

  /// Runs `body` on the calling thread in the namespace that a descriptor stands for, and goes back. What `body` starts stays there.
  /// - Parameters:
  ///   - namespace: of ``current()``.
  ///   - body: what is to run there.
  /// - Throws: `SystemError` where the namespace cannot be entered, or what `body` throws.
  public static func within<Result: ~Copyable>(
    _ namespace: Int32, _ body: () throws(SystemError) -> Result
  ) throws(SystemError) -> Result {
    let own = try current()
    try set(namespace)
    // The way back takes no more rights than the way there did.
    defer { precondition(nm_enter_network(own.rawValue) == 0, "a thread comes back to its own network namespace") }
    return try body()
  }

  private static func set(_ namespace: Int32) throws(SystemError) {
    let code = nm_enter_network(namespace)
    guard code == 0 else {
      throw SystemError(
        "enter a network namespace", Errno(rawValue: code),
        advice: code == EPERM ? "It takes CAP_SYS_ADMIN: run as root." : nil)
    }
  }

  /// Whoever may make a namespace may also do everything inside it.
  private static func enter<Result: Sendable>(
    _ body: @Sendable () throws(SystemError) -> Result
  ) throws(SystemError) -> Result {
    let code = nm_unshare_network()
    guard code == 0 else {
      throw SystemError(
        "make a network namespace", Errno(rawValue: code),
        advice: code == EPERM ? "It takes CAP_SYS_ADMIN: run as root." : nil)
    }
    quieten()
    return try body()
  }

  /// Keeps the kernel from sending router solicitations and the like from new interfaces. Where it does not have IPv6 there is
  /// nothing to keep it from.
  private static func quieten() {
    for name in ["all", "default"] {
      guard
        let file = try? Descriptor.open("/proc/sys/net/ipv6/conf/\(name)/disable_ipv6", O_WRONLY)
      else { continue }
      _ = unsafe write(file.rawValue, "1", 1)
    }
  }

  private final class Box<Result: Sendable>: Sendable {
    let outcome = Mutex<Swift.Result<Result, SystemError>?>(nil)
  }
}
