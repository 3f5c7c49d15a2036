extension PerfReading {
  /// What was counted between an earlier reading and this one.
  public func since(_ earlier: PerfReading) -> PerfReading {
    PerfReading(
      value: value &- earlier.value, timeEnabled: timeEnabled &- earlier.timeEnabled,
      timeRunning: timeRunning &- earlier.timeRunning)
  }

  /// What was counted in this stretch and in another one.
  public func adding(_ other: PerfReading) -> PerfReading {
    PerfReading(
      value: value &+ other.value, timeEnabled: timeEnabled &+ other.timeEnabled,
      timeRunning: timeRunning &+ other.timeRunning)
  }

  /// The count, for the whole time, of an event that ran for a part of it; nil when it never ran.
  public var scaled: UInt64? {
    if !isMultiplexed { return value }
    guard timeRunning > 0 else { return nil }
    return UInt64(exactly: (Double(value) * Double(timeEnabled) / Double(timeRunning)).rounded())
  }
}
