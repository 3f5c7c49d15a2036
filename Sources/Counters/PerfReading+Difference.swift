extension PerfReading {
  /// What was counted between an earlier reading and this one.
  public func since(_ earlier: PerfReading) -> PerfReading {
    PerfReading(
      value: value &- earlier.value, timeEnabled: timeEnabled &- earlier.timeEnabled,
      timeRunning: timeRunning &- earlier.timeRunning)
  }

  /// The count, for the whole time, of an event that ran for a part of it; nil when it never ran.
  public var scaled: UInt64? {
    if !isMultiplexed { return value }
    guard timeRunning > 0 else { return nil }
    return UInt64(exactly: (Double(value) * Double(timeEnabled) / Double(timeRunning)).rounded())
  }
}
