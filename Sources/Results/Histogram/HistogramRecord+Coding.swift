import Histogram

extension HistogramRecord {
  /// Keeps a histogram.
  ///
  /// - Parameters:
  ///   - histogram: of values in `unit`.
  ///   - unit: of the values.
  ///   - ticksPerNanosecond: above zero for ticks, nil for nanoseconds.
  ///   - operationsPerSample: operations that each recorded value covers.
  public init(
    _ histogram: Histogram<UInt64>, unit: HistogramUnit, ticksPerNanosecond: Double?, operationsPerSample: Int = 1
  ) {
    self.init(
      data: Base64.encode(HistogramCodec.encode(histogram)), unit: unit,
      ticksPerNanosecond: ticksPerNanosecond, operationsPerSample: operationsPerSample)
  }

  /// Keeps the counts that the probe sent: V2 counts without a header, from value 1, three significant digits, in ticks.
  /// The bytes are a guest's and may be anything.
  public init(
    probeCounts: [UInt8], ticksPerNanosecond: Double, operationsPerSample: Int
  ) throws(HistogramError) {
    guard let layout = BucketLayout.probe else { preconditionFailure("the probe's layout is a layout") }
    let histogram = try HistogramCodec.histogram(.init(layout: layout, counts: probeCounts[...]))
    self.init(
      histogram, unit: .ticks, ticksPerNanosecond: ticksPerNanosecond, operationsPerSample: operationsPerSample)
  }

  /// Keeps counts by nanoseconds, to three digits.
  /// - Parameter counts: values above zero, and at most 2⁵³.
  /// - Returns: nil for no counts.
  public init?(nanoseconds counts: [UInt64: UInt64]) throws(HistogramError) {
    guard let most = counts.keys.max() else { return nil }
    guard most <= 1 << 53 else { throw .badHeader(field: "greatest value", value: "\(most)") }
    // The counts may be anybody's; whoever walks over a histogram adds up what was recorded, each to the end of its place.
    var sum: Int64 = 0
    for (value, count) in counts {
      let (product, isTooMuch) = count.multipliedReportingOverflow(by: value + value / 512 + 1)
      let (total, overflow) = sum.addingReportingOverflow(Int64(clamping: product))
      guard !isTooMuch, !overflow, product < UInt64(Int64.max), total < Int64.max / 2 else { throw .countOverflow }
      sum = total
    }
    var histogram = Histogram<UInt64>(
      lowestDiscernibleValue: 1, highestTrackableValue: max(2, most), numberOfSignificantValueDigits: .three)
    for (value, count) in counts { histogram.record(value, count: count) }
    self.init(histogram, unit: .nanoseconds, ticksPerNanosecond: nil)
    try validate()
  }

  /// The histogram, in the record's own unit.
  public func histogram() throws(HistogramError) -> Histogram<UInt64> {
    try HistogramCodec.histogram(encoding())
  }

  /// Refuses a record that ``histogram()`` or ``LatencyDistribution`` would refuse, without building a histogram.
  func validate() throws(HistogramError) {
    guard operationsPerSample >= 1 else {
      throw .badHeader(field: "operations in a sample", value: "\(operationsPerSample)")
    }
    let ticks = ticksPerNanosecond ?? 1
    guard ticks > 0, ticks.isFinite, (unit == .ticks) == (ticksPerNanosecond != nil) else {
      throw .badHeader(field: "ticks in a nanosecond", value: "\(ticks) with unit \(unit)")
    }
    try HistogramCodec.scan(encoding()) { _, _ in }
  }

  func encoding() throws(HistogramError) -> HistogramCodec.Encoding {
    guard let bytes = Base64.decode(data) else { throw .notBase64 }
    return try HistogramCodec.open(bytes)
  }
}
