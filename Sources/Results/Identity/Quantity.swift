/// A whole number with a unit, as suites and command lines have it: `120ms`, `10m`, `16KiB`, `4096`.
public enum Quantity {
  private static let units: [(suffix: String, factor: UInt64)] = [
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("ns", 1), ("us", 1000), ("ms", 1_000_000),
    ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000), ("B", 1),
  ]

  /// The number of bytes or nanoseconds; nil where the text is no quantity or does not fit 64 bits.
  public static func parse(_ text: String) -> UInt64? {
    let unit = units.first { text.hasSuffix($0.suffix) }
    let digits = text.dropLast(unit?.suffix.count ?? 0)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(digits) else {
      return nil
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit?.factor ?? 1)
    return overflow ? nil : product
  }
}
