/// One figure of one leg.
public struct MetricRecord: Codable, Sendable, Equatable {
  /// Unique within its leg. The same name has the same unit and direction in every leg of a workload.
  public var name: String
  /// The unit as it is shown: `IOPS`, `MiB/s`, `ns`, `cycles`, `ms`.
  public var unit: String
  public var direction: Direction
  /// Finite. Ratios need it above zero.
  public var value: Double
  /// The distribution that the figure was taken from, where single operations were timed.
  public var histogram: HistogramRecord?

  public init(name: String, unit: String, direction: Direction, value: Double, histogram: HistogramRecord? = nil) {
    self.name = name
    self.unit = unit
    self.direction = direction
    self.value = value
    self.histogram = histogram
  }
}

extension MetricRecord {
  /// The unit of what is counted for one operation: exits, interrupts, doorbells.
  public static let perOperation = "1/op"
  /// How the names of such metrics end.
  /// Nanoseconds that an operation took of CPUs, those of both sides of its way together: what a speed is paid with.
  public static let cpuTime = "cpu.time"
  public static let perOperationSuffix = ".perOperation"
}

/// Which way a metric is better.
public enum Direction: String, Codable, Sendable, CaseIterable {
  /// Throughput and its like.
  case higher
  /// Latency, cost and their like.
  case lower
}
