import Glibc

/// The standard normal distribution.
public enum Normal {
  /// P(Z ≤ z). Keeps its relative accuracy in both tails.
  public static func cumulativeProbability(_ z: Double) -> Double { 0.5 * erfc(-z * 0.5.squareRoot()) }

  /// P(Z > z).
  public static func upperTail(_ z: Double) -> Double { cumulativeProbability(-z) }

  /// The z with P(Z ≤ z) = `probability`, which lies above 0 and below 1. Relative error below 1e-12.
  public static func quantile(_ probability: Double) -> Double {
    precondition(probability > 0 && probability < 1, "a quantile is asked of a probability between 0 and 1")
    if probability == 0.5 { return 0 }
    let tail = min(probability, 1 - probability)
    // The logarithm of a tail is nearly a parabola, on which Newton's method goes straight to the root.
    let target = log(tail)
    let magnitude = RootSearch.increasing(from: 0, to: 40, start: 1) { z in
      let mass = upperTail(z)
      return (target - log(mass), exp(-z * z / 2) / ((2 * Double.pi).squareRoot() * mass))
    }
    return probability < 0.5 ? -magnitude : magnitude
  }
}
