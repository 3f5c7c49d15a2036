/// Which way a metric is better.
public enum Direction: String, Codable, Sendable, CaseIterable {
  /// Throughput and its like.
  case higher
  /// Latency, cost and their like.
  case lower
}
