/// Where HdrHistogram keeps the counts of which values: buckets that double in width, each cut into equal parts.
struct BucketLayout: Equatable {
  /// Decimal digits that stay exact, 0...5.
  let significantDigits: Int
  /// The least value that is told from 0, at least 1.
  let lowestDiscernible: UInt64
  /// The greatest value that has a place, at least twice the least.
  let highestTrackable: UInt64

  private let unitMagnitude: Int
  private let halfCountMagnitude: Int

  /// The layout of the probe's histograms: 30 buckets of 2048 parts, values from 1.
  static let probe = BucketLayout(significantDigits: 3, lowestDiscernible: 1, highestTrackable: (2048 << 29) - 1)

  /// Nil where no histogram can have these figures.
  init?(significantDigits: Int, lowestDiscernible: UInt64, highestTrackable: UInt64) {
    guard (0...5).contains(significantDigits), lowestDiscernible >= 1, lowestDiscernible <= UInt64.max / 4,
      highestTrackable >= 2 * lowestDiscernible, highestTrackable <= UInt64.max / 2
    else { return nil }
    self.significantDigits = significantDigits
    self.lowestDiscernible = lowestDiscernible
    self.highestTrackable = highestTrackable
    var exact = 2
    for _ in 0..<significantDigits { exact *= 10 }
    // The least power of two that is not below `exact`, halved.
    halfCountMagnitude = max(Int.bitWidth - (exact - 1).leadingZeroBitCount, 1) - 1
    unitMagnitude = UInt64.bitWidth - 1 - lowestDiscernible.leadingZeroBitCount
    if unitMagnitude + halfCountMagnitude > 61 { return nil }
  }

  private var halfCount: Int { 1 << halfCountMagnitude }

  /// Places that a histogram with this layout has.
  var length: Int { index(of: highestTrackable) / halfCount * halfCount + halfCount }

  /// The place of a value's count.
  func index(of value: UInt64) -> Int {
    let mask = UInt64(2 * halfCount - 1) << UInt64(unitMagnitude)
    let bucket = (64 - unitMagnitude - halfCountMagnitude - 1) - (value | mask).leadingZeroBitCount
    let part = Int(value >> UInt64(bucket + unitMagnitude))
    return (bucket + 1) * halfCount + part - halfCount
  }

  /// The least value that is counted at a place.
  func lowestValue(at index: Int) -> UInt64 {
    let bucket = max(index / halfCount - 1, 0)
    let part = index - bucket * halfCount
    return UInt64(part) << UInt64(bucket + unitMagnitude)
  }
}
