/// A latency distribution in the interchange format of HdrHistogram.
public struct HistogramRecord: Codable, Sendable, Equatable {
  /// Base64 (RFC 4648 §4, padded) of HdrHistogram's V2 encoding, not compressed: cookie 0x1c849313, a header of 40
  /// big-endian bytes, then the counts as zig-zag LEB128, a negative number standing for a run of empty buckets.
  public var data: String
  public var unit: HistogramUnit
  /// TSC ticks in a nanosecond, above zero. Nil exactly where the unit is nanoseconds.
  public var ticksPerNanosecond: Double?
  /// Operations that one sample covers, at least 1; 1 where single operations were timed.
  public var operationsPerSample: Int

  public init(data: String, unit: HistogramUnit, ticksPerNanosecond: Double?, operationsPerSample: Int = 1) {
    self.data = data
    self.unit = unit
    self.ticksPerNanosecond = ticksPerNanosecond
    self.operationsPerSample = operationsPerSample
  }
}

/// What a histogram's values are.
public enum HistogramUnit: String, Codable, Sendable, CaseIterable {
  case nanoseconds
  /// TSC ticks; the histogram record says how many make a nanosecond.
  case ticks
}
