import ProbeABI
import Testing

@testable import Kernels

@Suite struct HistogramTests {
  private func withHistogram<Value>(_ body: (inout Kernels.Histogram) -> Value) -> Value {
    let memory = UnsafeMutablePointer<UInt64>.allocate(capacity: Histogram.places)
    defer { unsafe memory.deallocate() }
    var histogram = unsafe Histogram(counts: memory)
    return body(&histogram)
  }

  private func encode(_ histogram: borrowing Kernels.Histogram) -> [UInt8] {
    let histogram = copy histogram
    return unsafe [UInt8](unsafeUninitializedCapacity: Int(Histogram.largestEncoding)) { buffer, count in
      count = unsafe histogram.encode(to: buffer.baseAddress!)
    }
  }

  /// Values of every magnitude, the edges of every bucket among them.
  private var values: [UInt64] {
    var values: [UInt64] = [0, 1, 2046, 2047, 2048, 2049]
    for bits in 11..<40 { values += [(1 << bits) - 1, 1 << bits, (1 << bits) + 1] }
    values.append((1 << 40) - 1)
    var random = SplitMix(seed: 3)
    for _ in 0..<5000 { values.append(random.next() >> (24 + random.next(below: 38))) }
    return values
  }

  @Test func thePlacesAreThoseOfTheInterface() {
    #expect(Histogram.places == 31744)
    #expect(Histogram.largestValue == (1 << 40) - 1)
    #expect(Histogram.index(of: Histogram.largestValue) == Histogram.places - 1)
  }

  @Test func countsStandWhereThePublishedImplementationPutsThem() {
    var reference = ReferenceHistogram()
    let counts = withHistogram { histogram in
      for value in values {
        histogram.record(value)
        reference.record(value)
      }
      return (0..<reference.counts.count).map { histogram.count(at: $0) }
    }
    #expect(counts == reference.counts)
    #expect(counts.reduce(0, +) == UInt64(values.count))
  }

  @Test func valuesBeyondTheLargestCountInTheLastPlaceAndAsOverflows() {
    withHistogram { histogram in
      histogram.record(1 << 40)
      histogram.record(UInt64.max)
      histogram.record(Histogram.largestValue)
      #expect(histogram.overflows == 2)
      #expect(histogram.count(at: Histogram.places - 1) == 3)
      histogram.clear()
      #expect(histogram.overflows == 0)
      #expect(histogram.count(at: Histogram.places - 1) == 0)
    }
  }

  @Test func theEncodingOfKnownCounts() {
    let bytes = withHistogram { histogram in
      histogram.record(0)
      for _ in 0..<64 { histogram.record(2) }
      for _ in 0..<3 { histogram.record(200) }
      return encode(histogram)
    }
    // 1 → 2; one zero → 0; 64 → 128 → 0x80 0x01; 197 zeros → -197 → 393 → 0x89 0x03; 3 → 6.
    #expect(bytes == [2, 0, 0x80, 0x01, 0x89, 0x03, 6])
    #expect(withHistogram { encode($0) }.isEmpty)
  }

  @Test func percentilesSurviveEncodingAndDecoding() {
    var reference = ReferenceHistogram()
    let bytes = withHistogram { histogram in
      for value in values {
        histogram.record(value)
        reference.record(value)
      }
      return encode(histogram)
    }
    let decoded = ReferenceHistogram(counts: decodeCounts(bytes))
    for percentile in [0.0, 1, 25, 50, 90, 99, 99.9, 99.99, 100] {
      let (found, expected) = (decoded.percentile(percentile), reference.percentile(percentile))
      #expect(Histogram.index(of: found) == Histogram.index(of: expected))
    }
  }
}

/// HdrHistogram's V2 counts, decoded as its format description has it.
func decodeCounts(_ bytes: [UInt8]) -> [UInt64] {
  var counts: [UInt64] = []
  var position = 0
  while position < bytes.count {
    var word: UInt64 = 0
    for group in 0..<9 {
      let byte = bytes[position]
      position += 1
      word |= UInt64(group == 8 ? byte : byte & 0x7f) << UInt64(7 * group)
      if group == 8 || byte < 0x80 { break }
    }
    let value = Int64(bitPattern: word >> 1) ^ -Int64(bitPattern: word & 1)
    if value < 0 { counts += [UInt64](repeating: 0, count: Int(-value)) } else { counts.append(UInt64(value)) }
  }
  return counts
}
