import CLinux
import SystemPackage

/// An eventfd: a doorbell between threads, between KVM and a thread, and from a thread into KVM.
public struct EventCounter: ~Copyable, Sendable {
  public let descriptor: Descriptor

  /// Makes a counter at zero. With `nonBlocking`, `take` returns at once when nothing was signalled.
  public init(nonBlocking: Bool = false) throws(SystemError) {
    let flags = Int32(EFD_CLOEXEC) | (nonBlocking ? Int32(EFD_NONBLOCK) : 0)
    descriptor = Descriptor(owning: try systemCall("create an eventfd") { eventfd(0, flags) })
  }

  /// The number, for calls that borrow the descriptor.
  public var rawValue: Int32 { descriptor.rawValue }

  /// Adds one. Never blocks in practice: the counter would have to reach 2^64-2.
  @inline(never)
  public borrowing func signal() {
    var one: UInt64 = 1
    let file = descriptor.rawValue
    _ = try? systemCall { unsafe nm_write(file, &one, 8) }
  }

  /// Returns the signals since the last take and resets them; nil when there are none and the counter does not block.
  @inline(never)
  public borrowing func take() -> UInt64? {
    var value: UInt64 = 0
    let file = descriptor.rawValue
    guard (try? systemCall { unsafe read(file, &value, 8) }) == 8 else { return nil }
    return value
  }
}
