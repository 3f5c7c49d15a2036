/// How late a thread woke up, as counts by lateness: log-linear buckets, eight to a power of two, so that a bucket's bound is
/// within an eighth of every value in it.
public struct HiccupCounts: Equatable, Sendable {
  static let buckets = 8 * 62
  private(set) var counts = [UInt64](repeating: 0, count: buckets)

  public init() {}

  /// - Parameter count: of a bucket.
  init(_ count: (Int) -> UInt64) { counts = (0..<Self.buckets).map(count) }

  /// Adds a lateness in nanoseconds.
  public mutating func add(_ nanoseconds: UInt64) { counts[Self.index(nanoseconds)] &+= 1 }

  /// What was added since an earlier state of the same counts.
  public func since(_ earlier: HiccupCounts) -> HiccupCounts {
    var difference = HiccupCounts()
    for index in counts.indices { difference.counts[index] = counts[index] &- earlier.counts[index] }
    return difference
  }

  /// Wake-ups.
  public var samples: UInt64 { counts.reduce(0, &+) }

  /// The longest lateness in nanoseconds, rounded up to its bucket's bound; nil without any wake-up.
  public var longest: UInt64? { counts.lastIndex { $0 > 0 }.map(Self.bound) }

  /// Values below 8 have a bucket each; above, the three bits behind the leading one choose among its eight.
  static func index(_ value: UInt64) -> Int {
    guard value >= 8 else { return Int(value) }
    let exponent = 63 - value.leadingZeroBitCount
    return min(buckets - 1, (exponent - 2) * 8 + Int(value >> UInt64(exponent - 3) & 7))
  }

  /// The largest value of a bucket.
  private static func bound(_ index: Int) -> UInt64 {
    guard index >= 8 else { return UInt64(index) }
    let exponent = UInt64(index / 8 + 2)
    return (8 + UInt64(index % 8) + 1) << (exponent - 3) &- 1
  }
}
