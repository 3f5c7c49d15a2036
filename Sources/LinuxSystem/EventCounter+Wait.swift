import CLinux

extension EventCounter {
  /// Waits until the counter was signalled, without resetting it.
  /// - Parameter deadline: `MonotonicClock` time after which it gives up.
  /// - Returns: whether it was signalled in time.
  public borrowing func wait(until deadline: UInt64) -> Bool {
    while true {
      let now = MonotonicClock.now
      let left = deadline > now ? (deadline - now + 999_999) / 1_000_000 : 0
      var entry = pollfd(fd: rawValue, events: Int16(POLLIN), revents: 0)
      let answer = unsafe poll(&entry, 1, Int32(clamping: left))
      if answer > 0 { return true }
      if answer == 0 && MonotonicClock.now >= deadline { return false }
    }
  }
}
