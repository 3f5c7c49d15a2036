import Histogram

/// The published implementation, out of the way of the kernel's type of the same name.
struct ReferenceHistogram {
  private var histogram = Histogram<UInt64>(
    lowestDiscernibleValue: 1, highestTrackableValue: (1 << 40) - 1, numberOfSignificantValueDigits: .three)

  mutating func record(_ value: UInt64) { _ = histogram.record(value) }

  func percentile(_ percentile: Double) -> UInt64 { histogram.valueAtPercentile(percentile) }

  /// Counts of all places in order, up to the last that is not empty.
  var counts: [UInt64] {
    var counts = histogram.allValues().map(\.count)
    while counts.last == 0 { counts.removeLast() }
    return counts
  }

  /// The counts again, from a list as `counts` gives it: the place decides the value.
  init(counts: [UInt64]) {
    for (place, count) in counts.enumerated() where count > 0 {
      let bucket = max(0, place / 1024 - 1)
      _ = histogram.record(UInt64(place - bucket * 1024) << UInt64(bucket), count: count)
    }
  }

  init() {}
}
