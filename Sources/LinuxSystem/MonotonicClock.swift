import CLinux
import Glibc

/// CLOCK_MONOTONIC in nanoseconds.
public enum MonotonicClock {
  /// Nanoseconds since some moment before the process.
  public static var now: UInt64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// TSC ticks a millisecond, measured against the clock.
  /// - Parameter milliseconds: how long to measure; 20 give about five digits.
  public static func tscFrequency(milliseconds: UInt64 = 20) -> UInt64 {
    let (startTime, startTicks) = (now, nm_read_tsc())
    while now - startTime < milliseconds * 1_000_000 { nm_relax() }
    let (endTime, endTicks) = (now, nm_read_tsc())
    return UInt64((Double(endTicks - startTicks) * 1e6 / Double(endTime - startTime)).rounded())
  }
}
