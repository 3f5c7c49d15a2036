/// How a run's time goes to blocks, to boots in a block and to rounds in a boot, so that it sees the smallest effect it can.
///
/// The variance of a block's logarithm of the ratio is that of the block, plus that of a boot over the boots, plus that of a
/// round over all rounds; what each costs decides which to repeat. Kalibera and Jones (2013, §6) give the best repetitions for
/// many blocks (``VarianceComponents/iterations(legCost:iterationCost:limit:)``). Here, all whole numbers that fit into the time
/// are gone through, since few blocks pay for each degree of freedom.
public struct Allotment: Equatable, Sendable {
  /// A stage at which a run repeats itself.
  public struct Stage: Equatable, Sendable {
    /// What this stage alone adds to the variance of a logarithm of the ratio, 0 or more.
    public let variance: Double
    /// Seconds that one more takes, without what is inside it; above 0 for rounds, else 0 or more.
    public let seconds: Double
    /// How many there may be in one of the stage above; at least 1.
    public let allowed: ClosedRange<Int>

    public init(variance: Double, seconds: Double, allowed: ClosedRange<Int>) {
      precondition(variance >= 0 && seconds >= 0, "variances and costs are not negative")
      precondition(allowed.lowerBound >= 1, "each stage is there at least once")
      self.variance = variance
      self.seconds = seconds
      self.allowed = allowed
    }
  }

  public let blocks: Int
  /// Boots of each leg in a block.
  public let boots: Int
  /// Rounds in a boot.
  public let rounds: Int
  /// Standard deviation of a block's logarithm of the ratio.
  public let spread: Double
  /// What all of it takes.
  public let seconds: Double
  /// The least slowdown, relative, that is noticed with the power asked for: see ``DetectableEffect``.
  public let effect: Double

  /// The best use of a time; nil where not even the least of everything fits.
  ///
  /// - Parameters:
  ///   - block: at least ``BlockPlanning/minimumPaired(alpha:)`` are taken, whatever is allowed.
  ///   - boot: of each leg, in a block.
  ///   - round: or any stretch of rounds, if variance and cost are those of such a stretch.
  ///   - seconds: that the run may take.
  ///   - alpha: one-sided error, above 0 and below 0.5.
  ///   - power: from 0.5 up to 1.
  public init?(
    block: Stage, boot: Stage, round: Stage, seconds: Double, alpha: Double, power: Double = BlockPlanning.power
  ) {
    precondition(round.seconds > 0, "a round takes time")
    var best: Allotment?
    let least = max(block.allowed.lowerBound, BlockPlanning.minimumPaired(alpha: alpha))
    // What known variances would need: a bound that spares most of the t quantiles.
    let needed = Normal.quantile(1 - alpha) + (power > 0.5 ? Normal.quantile(power) : 0)
    for blocks in least...max(least, block.allowed.upperBound) {
      guard let (boots, rounds, variance) = Self.inBlock(seconds / Double(blocks) - block.seconds, boot, round) else {
        break
      }
      let spread = (block.variance + variance).squareRoot()
      if let best, DetectableEffect.relative(distance: needed * spread / Double(blocks).squareRoot()) >= best.effect {
        continue
      }
      let effect = DetectableEffect.relative(spread: spread, blocks: blocks, alpha: alpha, power: power)
      if effect < best?.effect ?? .infinity {
        let cost = block.seconds + Double(boots) * (boot.seconds + Double(rounds) * round.seconds)
        best = Allotment(
          blocks: blocks, boots: boots, rounds: rounds, spread: spread, seconds: Double(blocks) * cost, effect: effect)
      }
    }
    guard let best else { return nil }
    self = best
  }

  private init(blocks: Int, boots: Int, rounds: Int, spread: Double, seconds: Double, effect: Double) {
    (self.blocks, self.boots, self.rounds) = (blocks, boots, rounds)
    (self.spread, self.seconds, self.effect) = (spread, seconds, effect)
  }

  /// The boots and rounds that make a block's mean most precise in a time.
  private static func inBlock(
    _ seconds: Double, _ boot: Stage, _ round: Stage
  ) -> (boots: Int, rounds: Int, variance: Double)? {
    var best: (boots: Int, rounds: Int, variance: Double)?
    for boots in boot.allowed {
      let fitting = ((seconds / Double(boots) - boot.seconds) / round.seconds + 1e-9).rounded(.down)
      guard fitting >= Double(round.allowed.lowerBound) else { break }
      let rounds = Int(min(fitting, Double(round.allowed.upperBound)))
      let variance = (boot.variance + round.variance / Double(rounds)) / Double(boots)
      if variance < best?.variance ?? .infinity { best = (boots, rounds, variance) }
    }
    return best
  }
}
