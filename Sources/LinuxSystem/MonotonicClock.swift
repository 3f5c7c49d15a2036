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

  /// Nanoseconds between two ticks of the kernel's scheduler, 1/`CONFIG_HZ` s: 1,000,000 to 10,000,000.
  ///
  /// The coarse clock is that of the last tick (clock_getres(2)).
  public static var tick: UInt64 {
    var resolution = timespec()
    _ = unsafe clock_getres(CLOCK_MONOTONIC_COARSE, &resolution)
    return UInt64(resolution.tv_nsec)
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
