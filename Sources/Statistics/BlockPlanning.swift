import Glibc

/// How many blocks a decision takes.
public enum BlockPlanning {
  /// The chance of a decision that ``blocks(distance:spread:alpha:sides:)`` plans for.
  public static let power = 0.8

  /// Blocks that a paired comparison at a one-sided error needs, whatever the data: see
  /// ``NonInferiority/minimumBlocks(level:)``.
  public static func minimumPaired(alpha: Double) -> Int { NonInferiority.minimumBlocks(level: 1 - alpha) }

  /// Blocks that each side of an unpaired comparison needs, whatever the data: 5, and more where even complete separation,
  /// which chance gives with odds of 1 to (2n over n), would not reach the error.
  public static func minimumUnpaired(alpha: Double) -> Int {
    precondition(alpha > 0 && alpha < 1, "an error lies between 0 and 1")
    var blocks = 1
    var odds = 0.5
    while odds > alpha {
      blocks += 1
      odds *= Double(blocks) / Double(2 * (2 * blocks - 1))
    }
    return max(5, blocks)
  }

  /// Blocks with which a true difference of `distance` from the bound would be decided with ``power``, if the blocks keep
  /// scattering as they did. Nil where even a million would not do, as with no distance at all.
  ///
  /// - Parameters:
  ///   - distance: of the true logarithm from the bound's, either sign.
  ///   - spread: standard deviation of a block's logarithm of the ratio; of both sides together where they are unpaired.
  ///   - alpha: one-sided error of the decision, above 0 and below 0.5.
  ///   - sides: 1 for paired blocks, 2 for two independent runs; the answer is the blocks of each.
  public static func blocks(distance: Double, spread: Double, alpha: Double, sides: Int = 1) -> Int? {
    precondition(alpha > 0 && alpha < 0.5, "a one-sided error lies between 0 and 0.5")
    let minimum = sides == 1 ? minimumPaired(alpha: alpha) : minimumUnpaired(alpha: alpha)
    func suffices(_ blocks: Int) -> Bool {
      let student = StudentT(degreesOfFreedom: Double(sides * (blocks - 1)))
      let needed = student.quantile(1 - alpha) + student.quantile(power)
      return needed * spread / Double(blocks).squareRoot() <= abs(distance)
    }
    if suffices(minimum) { return minimum }
    var low = minimum
    var high = 1_000_000
    guard distance != 0, suffices(high) else { return nil }
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if suffices(middle) { high = middle } else { low = middle }
    }
    return high
  }
}
