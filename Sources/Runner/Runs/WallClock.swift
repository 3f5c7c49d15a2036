import CLinux

/// The time of day in UTC, for records.
public enum WallClock {
  /// Now, as ISO 8601 (`2026-11-22T10:15:00Z`) and without punctuation (`20261122T101500Z`).
  public static var now: (text: String, compact: String) {
    var seconds = time(nil)
    var parts = unsafe tm()
    unsafe gmtime_r(&seconds, &parts)
    let date = unsafe [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)].map(twoDigits)
    let clock = unsafe [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)].map(twoDigits)
    return (
      "\(date.joined(separator: "-"))T\(clock.joined(separator: ":"))Z", "\(date.joined())T\(clock.joined())Z"
    )
  }

  private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
