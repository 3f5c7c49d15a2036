import CLinux

extension EventCounter {
  /// Waits until an eventfd that somebody else owns is signalled.
  public static func awaitSignal(of descriptor: Int32) {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while unsafe poll(&entry, 1, -1) <= 0 {}
  }

  /// What ended a wait.
  public enum Event: Sendable {
    case signalled
    /// The other descriptor can be read.
    case other
    /// Neither, by the deadline.
    case late
  }

  /// Waits until the counter was signalled, without resetting it.
  /// - Parameter deadline: `MonotonicClock` time after which it gives up.
  /// - Returns: whether it was signalled in time.
  public borrowing func wait(until deadline: UInt64) -> Bool { wait(or: -1, until: deadline) == .signalled }

  /// Waits until the counter was signalled, without resetting it, or another descriptor can be read.
  /// - Parameters:
  ///   - other: -1 for none.
  ///   - deadline: `MonotonicClock` time after which it gives up.
  public borrowing func wait(or other: Int32, until deadline: UInt64) -> Event {
    while true {
      let now = MonotonicClock.now
      let left = deadline > now ? (deadline - now + 999_999) / 1_000_000 : 0
      var entries = [
        pollfd(fd: rawValue, events: Int16(POLLIN), revents: 0), pollfd(fd: other, events: Int16(POLLIN), revents: 0),
      ]
      let answer = unsafe poll(&entries, 2, left > UInt64(Int32.max) ? -1 : Int32(left))
      if answer > 0 { return entries[0].revents != 0 ? .signalled : .other }
      if answer == 0 && MonotonicClock.now >= deadline { return .late }
    }
  }
}
