import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// Where an I/O thread sleeps: until a doorbell, a completion, or a deadline.
///
/// Edge-triggered: every signal of an eventfd ends one wait, so that the counters need no reading and a wait is one system
/// call.
struct ServiceWaiter: ~Copyable {
  private let epoll: Descriptor

  init() throws(SystemError) {
    let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard descriptor >= 0 else { throw SystemError("create an epoll set", Errno(rawValue: nm_errno())) }
    epoll = Descriptor(owning: descriptor)
  }

  /// Adds a descriptor that outlives the waiter: a wait ends when it can be read or written, each time that it begins to be.
  func add(_ event: Int32) throws(SystemError) {
    var entry = unsafe epoll_event()
    unsafe entry.events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLET.rawValue
    guard unsafe epoll_ctl(epoll.rawValue, EPOLL_CTL_ADD, event, &entry) == 0 else {
      throw SystemError("watch a descriptor", Errno(rawValue: nm_errno()))
    }
  }

  /// Sleeps until something was signalled since the last wait, at most for the deadline.
  @inline(never)
  func wait(milliseconds: Int32) {
    _ = nm_epoll_wait(epoll.rawValue, milliseconds)
  }
}
