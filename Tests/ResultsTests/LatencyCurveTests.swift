import Histogram
import Results
import Testing

@Suite("Percentiles in one pass")
struct LatencyCurveTests {
  @Test("A curve has the figures that the histogram itself gives, for few samples and for many")
  func sameAsDistribution() throws {
    let percentiles = [0.1, 25, 50, 90, 99, 99.9, 99.99, 99.9999]
    for count in [1, 7, 100, 5000] {
      var histogram = Histogram<UInt64>(highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .three)
      var value: UInt64 = 17
      for _ in 0..<count {
        value = value &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        histogram.record(1 + value >> 44)
      }
      let record = HistogramRecord(histogram, unit: .ticks, ticksPerNanosecond: 2.5, operationsPerSample: 4)
      let distribution = try LatencyDistribution(record)
      let curve = try LatencyCurve(record, at: percentiles)
      #expect(curve.count == UInt64(count))
      #expect(curve.nanoseconds == percentiles.map { distribution.nanoseconds(atPercentile: $0) ?? -1 })
      for percentile in percentiles {
        #expect(curve.supports(percentile: percentile) == distribution.supports(percentile: percentile))
      }
    }
  }

  @Test("An empty histogram has no figures")
  func empty() throws {
    let histogram = Histogram<UInt64>(highestTrackableValue: 1000, numberOfSignificantValueDigits: .three)
    let record = HistogramRecord(histogram, unit: .nanoseconds, ticksPerNanosecond: nil)
    let curve = try LatencyCurve(record, at: [50])
    #expect(curve.count == 0 && curve.nanoseconds.isEmpty)
  }
}
