import Histogram

/// HdrHistogram's V2 encoding: what other implementations of the histogram write and read before they compress it.
enum HistogramCodec {
  static let cookie: UInt32 = 0x1c84_9313
  static let headerLength = 40

  // MARK: Writing

  static func encode(_ histogram: Histogram<UInt64>) -> [UInt8] {
    guard
      let layout = BucketLayout(
        significantDigits: Int(histogram.numberOfSignificantValueDigits.rawValue),
        lowestDiscernible: histogram.lowestDiscernibleValue,
        highestTrackable: min(histogram.highestTrackableValue, UInt64.max / 2))
    else { preconditionFailure("a histogram that exists has a layout") }
    var counts: [UInt8] = []
    var next = 0
    for recorded in histogram.recordedValues() where recorded.count > 0 {
      let index = layout.index(of: recorded.value)
      let zeros = index - next
      // A single empty place is a 0, a run of them its negative length.
      if zeros == 1 { ZigZag.append(0, to: &counts) }
      if zeros > 1 { ZigZag.append(Int64(-zeros), to: &counts) }
      ZigZag.append(Int64(clamping: recorded.count), to: &counts)
      next = index + 1
    }
    return header(layout, countsLength: counts.count) + counts
  }

  /// The header of an encoding whose counts are `countsLength` bytes.
  static func header(_ layout: BucketLayout, countsLength: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    func append(_ value: UInt64, bytes width: Int) {
      for place in (0..<width).reversed() { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * place))) }
    }
    append(UInt64(cookie), bytes: 4)
    append(UInt64(countsLength), bytes: 4)
    append(0, bytes: 4)  // Normalizing index offset: places are not shifted.
    append(UInt64(layout.significantDigits), bytes: 4)
    append(layout.lowestDiscernible, bytes: 8)
    append(layout.highestTrackable, bytes: 8)
    append(1.0.bitPattern, bytes: 8)  // Integer-to-double conversion ratio: values are integers.
    return bytes
  }

  // MARK: Reading

  /// An encoding taken apart; its counts are not read yet.
  struct Encoding {
    let layout: BucketLayout
    let counts: ArraySlice<UInt8>
  }

  static func open(_ bytes: [UInt8]) throws(HistogramError) -> Encoding {
    guard bytes.count >= headerLength else { throw .truncated(expected: "a header of \(headerLength) bytes") }
    func field(_ offset: Int, _ width: Int) -> UInt64 {
      bytes[offset..<offset + width].reduce(0) { $0 << 8 | UInt64($1) }
    }
    let found = UInt32(field(0, 4))
    guard found == cookie else { throw .wrongCookie(found) }
    guard field(8, 4) == 0 else { throw .badHeader(field: "normalizing index offset", value: "\(field(8, 4))") }
    let digits = field(12, 4)
    guard
      let layout = BucketLayout(
        significantDigits: Int(digits), lowestDiscernible: field(16, 8), highestTrackable: field(24, 8))
    else {
      throw .badHeader(field: "range", value: "\(digits) digits from \(field(16, 8)) to \(field(24, 8))")
    }
    let length = Int(field(4, 4))
    guard bytes.count - headerLength >= length else { throw .truncated(expected: "\(length) bytes of counts") }
    return Encoding(layout: layout, counts: bytes[headerLength..<headerLength + length])
  }

  /// Passes every count above zero to `body`, with its place. Refuses whatever does not fit the layout, and counts that add
  /// up, as they are or each times its value, to more than 63 bits: whoever reads a histogram sums both.
  static func scan(_ encoding: Encoding, _ body: (_ index: Int, _ count: UInt64) -> Void) throws(HistogramError) {
    let length = encoding.layout.length
    var rest = encoding.counts
    var index = 0
    var sum: Int64 = 0
    var time: Int64 = 0
    while !rest.isEmpty {
      guard let number = ZigZag.take(from: &rest) else { throw .truncated(expected: "the end of a count") }
      if number < 0 {
        // Compared before it is added, so that a hostile run cannot overflow.
        guard number > Int64.min, -number <= Int64(length - index) else { throw .tooManyBuckets(limit: length) }
        index += Int(-number)
        continue
      }
      guard index < length else { throw .tooManyBuckets(limit: length) }
      if number > 0 {
        let greatest = encoding.layout.lowestValue(at: index + 1) - 1
        guard let product = Int64(exactly: greatest).map({ number.multipliedReportingOverflow(by: $0) }),
          !product.overflow
        else { throw .countOverflow }
        let (total, overflow) = sum.addingReportingOverflow(number)
        let (longer, isTooLong) = time.addingReportingOverflow(product.partialValue)
        if overflow || isTooLong { throw .countOverflow }
        (sum, time) = (total, longer)
        body(index, UInt64(number))
      }
      index += 1
    }
  }

  static func histogram(_ encoding: Encoding) throws(HistogramError) -> Histogram<UInt64> {
    let layout = encoding.layout
    guard let digits = SignificantDigits(rawValue: Int8(layout.significantDigits)) else {
      throw .badHeader(field: "significant digits", value: "\(layout.significantDigits)")
    }
    var histogram = Histogram<UInt64>(
      lowestDiscernibleValue: layout.lowestDiscernible, highestTrackableValue: layout.highestTrackable,
      numberOfSignificantValueDigits: digits)
    var greatest: UInt64?
    try scan(encoding) { index, count in
      let value = layout.lowestValue(at: index)
      histogram.record(value, count: count)
      greatest = value
    }
    if let greatest {
      // Counts nothing, but lets the greatest value be the last that its place stands for, as other readers have it.
      histogram.record(histogram.highestEquivalentForValue(greatest), count: 0)
    }
    return histogram
  }
}

/// Why bytes are no histogram of this kind.
public enum HistogramError: Error, Equatable, Sendable, CustomStringConvertible {
  case notBase64
  /// Bytes end before what they announce.
  case truncated(expected: String)
  /// The first word is not the V2 cookie.
  case wrongCookie(UInt32)
  /// A field of the header is outside what a histogram can have.
  case badHeader(field: String, value: String)
  /// Counts go on past the highest value that the header allows.
  case tooManyBuckets(limit: Int)
  /// A count, the sum of the counts or that of all recorded values does not fit 63 bits.
  case countOverflow

  public var description: String {
    switch self {
    case .notBase64: "expected base64"
    case .truncated(let expected): "the histogram ends early: expected \(expected)"
    case .wrongCookie(let cookie):
      "expected the cookie 0x1c849313 of HdrHistogram's V2 encoding, found 0x\(String(cookie, radix: 16))"
    case .badHeader(let field, let value): "the histogram's \(field) cannot be \(value)"
    case .tooManyBuckets(let limit): "the histogram has counts past its last bucket, number \(limit - 1)"
    case .countOverflow: "the histogram's counts, or the sum of its values, do not fit 63 bits"
    }
  }
}

/// Signed integers as HdrHistogram's V2 encoding writes them: zig-zag, then little-endian groups of seven bits; a ninth
/// byte, where there is one, carries eight.
enum ZigZag {
  static func append(_ value: Int64, to bytes: inout [UInt8]) {
    var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
    for _ in 0..<8 {
      if rest < 0x80 {
        bytes.append(UInt8(rest))
        return
      }
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Reads one number from the front of `bytes` and removes it; nil where they end inside a number.
  static func take(from bytes: inout ArraySlice<UInt8>) -> Int64? {
    var coded: UInt64 = 0
    for group in 0..<9 {
      guard let byte = bytes.popFirst() else { return nil }
      let payload = group == 8 ? UInt64(byte) : UInt64(byte & 0x7f)
      coded |= payload << UInt64(7 * group)
      if group == 8 || byte < 0x80 { break }
    }
    return Int64(bitPattern: coded >> 1) ^ -Int64(bitPattern: coded & 1)
  }
}
