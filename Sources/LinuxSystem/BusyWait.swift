import CLinux

/// Waiting that keeps its processor and has the resolution of the time-stamp counter.
public enum BusyWait {
  /// Returns once `ticks` of the TSC have passed since `start`, a reading of ``now``; by default since the call.
  /// - Returns: the reading that ended it.
  @inline(never)
  @discardableResult
  public static func ticks(_ ticks: UInt64, since start: UInt64 = now) -> UInt64 {
    while true {
      let reading = now
      if reading &- start >= ticks { return reading }
    }
  }

  /// The time-stamp counter once all earlier loads are done, so that a wait from here on hides none of their time.
  public static var orderedNow: UInt64 { nm_read_tsc() }

  /// The time-stamp counter, not ordered against other instructions.
  public static var now: UInt64 { nm_read_tsc_unordered() }
}
