import Glibc

/// How small a slowdown a paired comparison of so many blocks can show.
public enum DetectableEffect {
  /// What noise alone may show: the distance of a bound with one-sided error `alpha` from the ratio, relative to it, such as
  /// 0.02 for 2 %.
  /// - Parameters:
  ///   - spread: standard deviation of a block's logarithm of the ratio, 0 or more.
  ///   - blocks: 2 or more.
  ///   - alpha: above 0 and below 0.5.
  public static func noiseFloor(spread: Double, blocks: Int, alpha: Double) -> Double {
    relative(distance: distance(spread: spread, blocks: blocks, alpha: alpha, power: 0.5))
  }

  /// The least slowdown, relative, that a test with one-sided error `alpha` notices with chance `power`:
  /// 1 − exp(−(t(1 − α) + t(power)) s/√B). The second quantile stands for that of the noncentral t distribution, which it
  /// exceeds by little (Cohen 1988, §2.4).
  public static func relative(spread: Double, blocks: Int, alpha: Double, power: Double) -> Double {
    relative(distance: distance(spread: spread, blocks: blocks, alpha: alpha, power: power))
  }

  /// The slowdown whose logarithm lies so far below 0.
  static func relative(distance: Double) -> Double { -expm1(-distance) }

  private static func distance(spread: Double, blocks: Int, alpha: Double, power: Double) -> Double {
    precondition(spread >= 0 && blocks >= 2, "a spread is not negative, and an interval takes two blocks")
    precondition(alpha > 0 && alpha < 0.5, "a one-sided error lies between 0 and 0.5")
    precondition(power >= 0.5 && power < 1, "a power lies from 0.5 to 1")
    let student = StudentT(degreesOfFreedom: Double(blocks - 1))
    return (student.quantile(1 - alpha) + student.quantile(power)) * spread / Double(blocks).squareRoot()
  }
}
