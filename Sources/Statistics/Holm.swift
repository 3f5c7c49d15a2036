/// Holm's step-down correction for several tests that must all hold their error together (Holm 1979).
public enum Holm {
  /// Adjusted p-values in the order given: rejecting where the adjusted value is at most α keeps the chance of any false
  /// rejection among them at α.
  public static func adjusted(_ probabilities: [Double]) -> [Double] {
    let order = probabilities.indices.sorted { (probabilities[$0], $0) < (probabilities[$1], $1) }
    var adjusted = probabilities
    var largest = 0.0
    for (rank, index) in order.enumerated() {
      largest = max(largest, min(1, probabilities[index] * Double(probabilities.count - rank)))
      adjusted[index] = largest
    }
    return adjusted
  }
}
