/// How the time of an operation was taken.
public enum AttributionBasis: String, Codable, Sendable, CaseIterable {
  /// The median latency: one operation at a time, so that what happens to it adds up.
  case medianLatency = "latency.p50"
  /// The mean latency, where too few operations were timed for a median.
  case meanLatency = "latency.mean"
  /// One over the throughput.
  case inverseThroughput = "1/throughput"
}
