/// Holm's step-down correction for several tests that must all hold their error together (Holm 1979).
public enum Holm {
  /// Adjusted p-values in the order given: rejecting where the adjusted value is at most α keeps the chance of any false
  /// rejection among them at α.
  public static func adjusted(_ probabilities: [Double]) -> [Double] {
    let order = order(probabilities)
    var adjusted = probabilities
    var largest = 0.0
    for (rank, index) in order.enumerated() {
      largest = max(largest, min(1, probabilities[index] * Double(probabilities.count - rank)))
      adjusted[index] = largest
    }
    return adjusted
  }

  /// By how much each test's α is divided, in the order given: an interval at error α / divisor lies wholly on one side of
  /// its bound exactly where the adjusted p-value is at most α. A test that is not rejected shares the divisor of the first
  /// that is not: there the procedure stopped.
  public static func divisors(_ probabilities: [Double], alpha: Double) -> [Int] {
    divisors(probabilities) { probabilities[$0] * Double($1) <= alpha }
  }

  /// The same for tests whose error is not divided by dividing α, as in a sequential design.
  /// - Parameters:
  ///   - probabilities: order the tests, the surest first.
  ///   - isRejected: whether a test, an index, rejects with the error that a divisor leaves it.
  public static func divisors(_ probabilities: [Double], isRejected: (Int, Int) -> Bool) -> [Int] {
    var divisors = [Int](repeating: 1, count: probabilities.count)
    var divisor = probabilities.count
    var hasStopped = false
    for (rank, index) in order(probabilities).enumerated() {
      if !hasStopped { divisor = probabilities.count - rank }
      if !hasStopped, !isRejected(index, divisor) { hasStopped = true }
      divisors[index] = divisor
    }
    return divisors
  }

  private static func order(_ probabilities: [Double]) -> [Int] {
    probabilities.indices.sorted { (probabilities[$0], $0) < (probabilities[$1], $1) }
  }
}
