import Foundation
import Histogram
import Results
import TestSupport
import Testing

@Suite("Histograms")
struct HistogramRecordTests {
  /// Values over ten decades, some of them many times.
  func example() -> Histogram<UInt64> {
    var histogram = Histogram<UInt64>(
      lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000_000, numberOfSignificantValueDigits: .three)
    for step in 1...20_000 as ClosedRange<UInt64> { histogram.record(step * step % 900_007 + 37) }
    histogram.record(0, count: 3)
    histogram.record(2047, count: 5)
    histogram.record(2048, count: 1_000_000)
    histogram.record(3_599_999_999_999)
    return histogram
  }

  func record(_ histogram: Histogram<UInt64>) -> HistogramRecord {
    HistogramRecord(histogram, unit: .nanoseconds, ticksPerNanosecond: nil)
  }

  @Test("What is encoded is decoded with the same counts and percentiles")
  func roundTrip() throws {
    let histogram = example()
    let decoded = try record(histogram).histogram()
    #expect(decoded.totalCount == histogram.totalCount)
    #expect(decoded.recordedValues().map(\.count) == histogram.recordedValues().map(\.count))
    for percentile in [0.001, 1, 50, 90, 99, 99.9, 99.999] {
      #expect(decoded.valueAtPercentile(percentile) == histogram.valueAtPercentile(percentile))
    }
    #expect(decoded.valuesAreEquivalent(decoded.maxRecorded, histogram.maxRecorded))
    #expect(record(decoded) == record(histogram))
  }

  @Test("An empty histogram and one with a single zero keep their nature")
  func smallOnes() throws {
    let empty = Histogram<UInt64>(highestTrackableValue: 1000)
    #expect(try record(empty).histogram().totalCount == 0)
    #expect(try LatencyDistribution(record(empty)).nanoseconds(atPercentile: 50) == nil)
    var zero = Histogram<UInt64>(highestTrackableValue: 1000)
    zero.record(0)
    #expect(try LatencyDistribution(record(zero)).nanoseconds(atPercentile: 100) == 0)
  }

  @Test("The probe's bare counts become a histogram in ticks, and answers come in nanoseconds an operation")
  func probeCounts() throws {
    // 100 empty places (zig-zag of −100 is 199 = 0xc7 0x01), then 7 samples of 100 ticks (zig-zag of 7 is 14).
    let record = try HistogramRecord(
      probeCounts: [0xc7, 0x01, 14], ticksPerNanosecond: 2, operationsPerSample: 5)
    let distribution = try LatencyDistribution(record)
    #expect(distribution.count == 7)
    #expect(distribution.nanoseconds(atPercentile: 50) == 10)
    #expect(distribution.mean == 10)
  }

  @Test(
    "Bytes that are no counts are refused",
    arguments: [
      // A count that does not end; more empty places than there are; a run of the most negative length; an overflow; 2^62
      // samples of 1000 ticks, whose sum no 64 bits hold.
      [UInt8]([0x80]), [0xff, 0xff, 0xff, 0x7f], [UInt8](repeating: 0xff, count: 9),
      [UInt8](repeating: 0xfe, count: 1) + [UInt8](repeating: 0xff, count: 8) + [2],
      [0xcf, 0x0f] + [UInt8](repeating: 0x80, count: 9),
    ])
  func hostileCounts(bytes: [UInt8]) {
    #expect(throws: HistogramError.self) {
      try HistogramRecord(probeCounts: bytes, ticksPerNanosecond: 1, operationsPerSample: 1)
    }
  }

  @Test("Damaged encodings are refused and never crash")
  func damaged() throws {
    let bytes = [UInt8](try #require(Data(base64Encoded: record(example()).data)))
    for length in 0..<60 {
      let cut = HistogramRecord(
        data: Data(bytes[..<length]).base64EncodedString(), unit: .nanoseconds, ticksPerNanosecond: nil)
      #expect(throws: HistogramError.self) { try cut.histogram() }
    }
    for position in 0..<40 {
      var changed = bytes
      changed[position] ^= 0xff
      // Some fields tolerate other values; what matters is that each answer is an error or a histogram.
      let record = HistogramRecord(
        data: Data(changed).base64EncodedString(), unit: .nanoseconds, ticksPerNanosecond: nil)
      if let histogram = try? record.histogram() { #expect(histogram.totalCount > 0) }
    }
    #expect(throws: HistogramError.notBase64) {
      try HistogramRecord(data: "%%%", unit: .ticks, ticksPerNanosecond: 1).histogram()
    }
  }

  @Test("Percentiles are given only where ten samples lie beyond them")
  func percentileMetrics() throws {
    var histogram = Histogram<UInt64>(highestTrackableValue: 100_000)
    for value in 1...1000 as ClosedRange<UInt64> { histogram.record(value) }
    let metrics = try MetricRecord.percentiles(of: record(histogram), name: "latency")
    #expect(metrics.map(\.name) == ["latency.p50", "latency.p99"])
    #expect(metrics.map(\.value) == [500, 990])
    #expect(metrics[0].histogram != nil && metrics[1].histogram == nil)
  }

  @Test(
    "Another implementation of HdrHistogram reads the encoding",
    .enabled(if: Python.first.has("hdrh.histogram"), "python3 with the hdrhistogram package is not here"))
  func otherImplementation() throws {
    let histogram = example()
    // That implementation reads the compressed envelope only: a cookie, a length and the deflated encoding.
    let lines = try Python.first.run(
      """
      import base64, struct, sys, zlib
      from hdrh.histogram import HdrHistogram
      packed = zlib.compress(base64.b64decode(sys.argv[1]))
      h = HdrHistogram.decode(base64.b64encode(struct.pack('>II', 0x1c849314, len(packed)) + packed))
      print(h.get_total_count())
      for p in (1, 50, 90, 99, 99.9, 100): print(h.get_value_at_percentile(p))
      """, record(histogram).data)
    let decoded = try record(histogram).histogram()
    let expected = [decoded.totalCount] + [1, 50, 90, 99, 99.9, 100].map { decoded.valueAtPercentile($0) }
    #expect(lines == expected.map(String.init))
  }

  @Test(
    "What another implementation of HdrHistogram writes after reading ours is what we wrote",
    .enabled(if: Python.first.has("hdrh.histogram"), "python3 with the hdrhistogram package is not here"))
  func roundTripThroughAnother() throws {
    let own = record(example())
    let lines = try Python.first.run(
      """
      import base64, struct, sys, zlib
      from hdrh.histogram import HdrHistogram
      packed = zlib.compress(base64.b64decode(sys.argv[1]))
      h = HdrHistogram.decode(base64.b64encode(struct.pack('>II', 0x1c849314, len(packed)) + packed))
      h.record_value(77, 5)
      print(base64.b64encode(zlib.decompress(base64.b64decode(h.encode())[8:])).decode())
      """, own.data)
    let returned = HistogramRecord(
      data: try #require(lines.first), unit: .nanoseconds, ticksPerNanosecond: nil)
    var expected = try own.histogram()
    expected.record(77, count: 5)
    let found = try returned.histogram()
    #expect(found.totalCount == expected.totalCount)
    #expect(found.recordedValues().map(\.value) == expected.recordedValues().map(\.value))
    #expect(found.recordedValues().map(\.count) == expected.recordedValues().map(\.count))
  }
}
