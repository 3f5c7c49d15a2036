/// A perf event's count, with the times that tell whether it counted all along.
public struct PerfReading: Codable, Equatable, Sendable {
  /// The raw count since the event was opened or reset.
  public let value: UInt64
  /// Nanoseconds for which the event was enabled.
  public let timeEnabled: UInt64
  /// Nanoseconds for which a counter really ran. Less than ``timeEnabled`` when events outnumbered counters.
  public let timeRunning: UInt64

  public init(value: UInt64, timeEnabled: UInt64, timeRunning: UInt64) {
    (self.value, self.timeEnabled, self.timeRunning) = (value, timeEnabled, timeRunning)
  }

  /// Whether the event shared its counter, so that the value covers only part of the time.
  public var isMultiplexed: Bool { timeRunning < timeEnabled }
}
