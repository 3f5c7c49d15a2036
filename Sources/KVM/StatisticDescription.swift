import CKVM

/// What the kernel says about one of KVM's statistics (Documentation/virt/kvm/api.rst §4.133).
public struct StatisticDescription: Equatable, Sendable {
  /// How values of different times compare.
  public enum Kind: UInt32, Sendable, CaseIterable {
    /// Only grows: two readings make a count.
    case cumulative = 0
    /// How things stand now.
    case instant = 1
    /// The largest that an instant value has been.
    case peak = 2
    /// Counts by size, in buckets of one width; the last holds everything larger.
    case linearHistogram = 3
    /// Counts by size, in buckets that double.
    case logarithmicHistogram = 4

    public var isHistogram: Bool { self == .linearHistogram || self == .logarithmicHistogram }
    /// Whether two readings make a count.
    public var isCount: Bool { self == .cumulative || isHistogram }
  }

  /// What is measured.
  public enum Unit: UInt32, Sendable, CaseIterable {
    case none = 0
    case bytes = 1
    case seconds = 2
    case cycles = 3
    case boolean = 4
  }

  public let name: String
  public let kind: Kind
  public let unit: Unit
  /// The unit's power of ``base``: -9 of 10 with seconds are nanoseconds.
  public let exponent: Int
  /// 10 or 2.
  public let base: Int
  /// Values: 1, or a histogram's buckets.
  public let size: Int
  /// A linear histogram's bucket, in the unit; 0 for all others.
  public let bucketSize: UInt64
  /// Bytes from the start of the data.
  let offset: Int64

  /// nil for a kind, unit or base that this version does not know, so that no value is misread.
  init?(_ raw: kvm_stats_desc, name: String) {
    guard let kind = Kind(rawValue: raw.flags & 0xf), let unit = Unit(rawValue: raw.flags >> 4 & 0xf),
      raw.flags >> 8 & 0xf <= 1, raw.size >= 1
    else { return nil }
    self.name = name
    (self.kind, self.unit) = (kind, unit)
    base = raw.flags >> 8 & 0xf == 0 ? 10 : 2
    exponent = Int(raw.exponent)
    (size, bucketSize) = (Int(raw.size), UInt64(raw.bucket_size))
    offset = Int64(raw.offset)
  }

  /// The unit as it stands behind a number: "ns", "B"; nil for a plain count.
  public var unitSymbol: String? {
    // A histogram's values are counts, whatever the buckets measure.
    if kind.isHistogram { return nil }
    switch unit {
    case .none: return exponent == 0 ? nil : "\(base)^\(exponent)"
    case .boolean: return "0/1"
    case .bytes: return exponent == 0 ? "B" : "\(base)^\(exponent) B"
    case .cycles: return exponent == 0 ? "cycles" : "\(base)^\(exponent) cycles"
    case .seconds:
      guard base == 10 else { return "\(base)^\(exponent) s" }
      return [0: "s", -3: "ms", -6: "us", -9: "ns"][exponent] ?? "10^\(exponent) s"
    }
  }

  /// What each value is called: the name, or for a histogram the name with the least that a bucket holds, "NAME{>=1024}".
  public var valueNames: [String] {
    switch kind {
    case .cumulative, .instant, .peak: size == 1 ? [name] : (0..<size).map { "\(name)[\($0)]" }
    case .linearHistogram: (0..<size).map { "\(name){>=\(UInt64($0) &* bucketSize)}" }
    // Bucket 0 holds 0, bucket n from 2^(n-1) on.
    case .logarithmicHistogram: (0..<size).map { "\(name){>=\($0 == 0 ? 0 : $0 > 64 ? .max : UInt64(1) << ($0 - 1))}" }
    }
  }
}
