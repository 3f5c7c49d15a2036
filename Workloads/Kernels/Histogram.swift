import ProbeABI

/// A log-linear histogram with HdrHistogram's layout: lowest discernible value 1, three significant digits (2048
/// sub-buckets), values up to 2^40 - 1. Larger ones count in the last place and in `overflows`.
/// Sound as `@safe` because indices are computed below `places`; whoever makes one vouches for the memory.
@safe struct Histogram {
  private let counts: UnsafeMutablePointer<UInt64>
  /// Values that were larger than `largestValue`.
  private(set) var overflows: UInt64 = 0

  /// Number of counts, `NM_HISTOGRAM_COUNTS` (which the importer does not import): half the sub-buckets for each
  /// bucket, and once more for the lower half of the first.
  static var places: Int { (Int(NM_HISTOGRAM_BUCKETS) + 1) * Int(NM_HISTOGRAM_SUB_BUCKETS / 2) }
  /// Bytes of memory that the counts take.
  static var size: UInt64 { UInt64(places) * 8 }
  /// Largest value that is told apart.
  static var largestValue: UInt64 { UInt64(NM_HISTOGRAM_SUB_BUCKETS) << UInt64(NM_HISTOGRAM_BUCKETS - 1) - 1 }
  /// Most bytes that `encode` writes.
  static var largestEncoding: UInt64 { UInt64(places) * 9 }

  /// - Parameter counts: `size` bytes; they are cleared.
  @unsafe init(counts: UnsafeMutablePointer<UInt64>) {
    unsafe self.counts = unsafe counts
    clear()
  }

  /// Forgets everything.
  mutating func clear() {
    for index in 0..<Histogram.places { unsafe counts[index] = 0 }
    overflows = 0
  }

  /// Where a value of at most `largestValue` is counted. Bucket b holds values below 2048 << b at a resolution of 1
  /// << b; each bucket after the first only has an upper half, so that index = (b << 10) + (value >> b).
  @inline(__always)
  static func index(of value: UInt64) -> Int {
    let bucket = 53 &- (value | 2047).leadingZeroBitCount
    return (bucket &<< 10) &+ Int(truncatingIfNeeded: value &>> UInt64(truncatingIfNeeded: bucket))
  }

  /// Counts one value, in ticks.
  @inline(__always)
  mutating func record(_ value: UInt64) {
    let beyond: UInt64 = value > Histogram.largestValue ? 1 : 0
    overflows &+= beyond
    let place = Histogram.index(of: beyond == 1 ? Histogram.largestValue : value)
    unsafe counts[place] &+= 1
  }

  /// Moves everything to another histogram and leaves this one empty.
  /// - Parameter samples: values that were recorded: no place beyond the last of them is looked at, so that a few small ones
  ///   cost the caches little.
  /// - Returns: the least value that is counted where the median is; 0 without samples.
  mutating func move(to other: inout Histogram, samples: UInt64) -> UInt64 {
    var (seen, median) = (UInt64(0), UInt64(0))
    var index = 0
    while seen < samples, index < Histogram.places {
      let count = unsafe counts[index]
      if count > 0 {
        if seen &* 2 < samples, (seen &+ count) &* 2 >= samples { median = Histogram.least(at: index) }
        seen &+= count
        unsafe other.counts[index] &+= count
        unsafe counts[index] = 0
      }
      index += 1
    }
    other.overflows &+= overflows
    overflows = 0
    return median
  }

  /// The least value that is counted at an index.
  static func least(at index: Int) -> UInt64 {
    let bucket = max(0, (index &>> 10) - 1)
    return UInt64(index - bucket << 10) &<< UInt64(bucket)
  }

  /// The count at an index below `places`.
  func count(at index: Int) -> UInt64 {
    precondition(index >= 0 && index < Histogram.places)
    return unsafe counts[index]
  }

  /// Writes HdrHistogram's V2 counts up to the last one that is not zero: each count, or the negated length of a run of
  /// two or more zeros, zig-zag mapped, seven bits a byte, low ones first.
  /// - Parameter output: room for `largestEncoding` bytes.
  /// - Returns: bytes written.
  @unsafe func encode(to output: UnsafeMutablePointer<UInt8>) -> Int {
    var limit = Histogram.places
    while limit > 0, unsafe counts[limit - 1] == 0 { limit -= 1 }
    var written = 0
    var index = 0
    while index < limit {
      let count = unsafe counts[index]
      index += 1
      var zeros = 0
      if count == 0 {
        zeros = 1
        while index < limit, unsafe counts[index] == 0 {
          zeros += 1
          index += 1
        }
      }
      let value = zeros > 1 ? -Int64(zeros) : Int64(truncatingIfNeeded: count)
      written += unsafe Histogram.encode(value, to: output + written)
    }
    return written
  }

  /// One number as zig-zag LEB128; the ninth byte, if it comes to that, carries eight bits.
  @unsafe private static func encode(_ value: Int64, to output: UnsafeMutablePointer<UInt8>) -> Int {
    var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
    var written = 0
    while rest >= 0x80, written < 8 {
      unsafe output[written] = UInt8(truncatingIfNeeded: rest) | 0x80
      rest >>= 7
      written += 1
    }
    unsafe output[written] = UInt8(truncatingIfNeeded: rest)
    return written + 1
  }
}
