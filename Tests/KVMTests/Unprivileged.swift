import CLinux
import LinuxSystem
import Synchronization

/// The user for file accesses of the calling thread alone (setfsuid(2)); no header of this package's modules has it.
@_silgen_name("setfsuid") private func setFileSystemUser(_ user: UInt32) -> Int32

/// Work on a thread whose file accesses are those of a user without privileges, also where the tests run as root.
enum Unprivileged {
  static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) throws -> Value {
    let result = Slot<Value>()
    let thread = try PinnedThread(name: "unprivileged") {
      _ = setFileSystemUser(65534)
      let value = body()
      result.value.withLock { $0 = value }
    }
    thread.join()
    return result.value.withLock { $0! }
  }

  private final class Slot<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
  }
}
