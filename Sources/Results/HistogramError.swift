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
  /// A count or the sum of the counts does not fit 63 bits.
  case countOverflow

  public var description: String {
    switch self {
    case .notBase64: "expected base64"
    case .truncated(let expected): "the histogram ends early: expected \(expected)"
    case .wrongCookie(let cookie):
      "expected the cookie 0x1c849313 of HdrHistogram's V2 encoding, found 0x\(String(cookie, radix: 16))"
    case .badHeader(let field, let value): "the histogram's \(field) cannot be \(value)"
    case .tooManyBuckets(let limit): "the histogram has counts past its last bucket, number \(limit - 1)"
    case .countOverflow: "the histogram's counts do not fit 63 bits"
    }
  }
}
