/// The means of all pairs of values, each value paired with itself too (Walsh 1949), without a list of them.
enum WalshAverages {
  /// Their median: the estimator of Hodges and Lehmann (1963). Takes at least one finite value; time n log n.
  static func median(_ values: [Double]) -> Double {
    precondition(!values.isEmpty, "a median needs a value")
    let sorted = values.sorted()
    let pairs = sorted.count * (sorted.count + 1) / 2
    let upper = sum(rank: pairs / 2 + 1, of: sorted)
    if pairs % 2 == 1 { return upper / 2 }
    return (sum(rank: pairs / 2, of: sorted) + upper) / 4
  }

  /// The pair sum with `rank` − 1 sums before it: bisects over all floating-point numbers between the least and the largest
  /// sum, which takes 64 steps at most.
  private static func sum(rank: Int, of sorted: [Double]) -> Double {
    var low = ordinal(2 * sorted[0])
    var high = ordinal(2 * sorted[sorted.count - 1])
    while low < high {
      // The mean rounded down, which their sum might overflow.
      let middle = (low & high) + ((low ^ high) >> 1)
      if count(upTo: number(middle), sorted) >= rank { high = middle } else { low = middle + 1 }
    }
    return number(low)
  }

  private static func count(upTo bound: Double, _ sorted: [Double]) -> Int {
    var count = 0
    var last = sorted.count - 1
    for first in sorted.indices {
      while last >= first, sorted[first] + sorted[last] > bound { last -= 1 }
      if last < first { break }
      count += last - first + 1
    }
    return count
  }

  /// Integers in the order of the finite numbers, neighbours for neighbours; a number from such an integer.
  private static func ordinal(_ value: Double) -> Int64 {
    let bits = Int64(bitPattern: value.bitPattern)
    return bits < 0 ? Int64.min &- bits : bits
  }

  private static func number(_ ordinal: Int64) -> Double {
    Double(bitPattern: UInt64(bitPattern: ordinal < 0 ? Int64.min &- ordinal : ordinal))
  }
}
