/// What a histogram's values are.
public enum HistogramUnit: String, Codable, Sendable, CaseIterable {
  case nanoseconds
  /// TSC ticks; the histogram record says how many make a nanosecond.
  case ticks
}
