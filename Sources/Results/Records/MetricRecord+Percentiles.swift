extension MetricRecord {
  /// The latency metrics of a histogram: p50, p99 and p99.9, each only where at least ten samples lie beyond it. The
  /// first carries the histogram.
  ///
  /// - Parameters:
  ///   - record: the histogram, in either unit; the metrics are in nanoseconds.
  ///   - name: what the names begin with: `latency` gives `latency.p50`.
  /// - Throws: where the record's data are no histogram.
  public static func percentiles(of record: HistogramRecord, name: String) throws(HistogramError) -> [MetricRecord] {
    let distribution = try LatencyDistribution(record)
    var metrics: [MetricRecord] = []
    for percentile in [50, 99, 99.9] where distribution.supports(percentile: percentile) {
      guard let value = distribution.nanoseconds(atPercentile: percentile) else { continue }
      let suffix = percentile == percentile.rounded() ? String(Int(percentile)) : String(percentile)
      metrics.append(
        MetricRecord(
          name: "\(name).p\(suffix)", unit: "ns", direction: .lower, value: value,
          histogram: metrics.isEmpty ? record : nil))
    }
    return metrics
  }
}
