/// When a comparison that is still open is given up because the blocks to come would hardly decide it: declared before the run.
///
/// The rule does not bind: the levels of ``SequentialDesign`` do not count on it, so that a run which goes on regardless keeps
/// its error. Giving up can only lose a decision that would have come late. With a least power of 0.1, of 20,000 simulated runs
/// of up to 20 or 40 blocks 0.2 to 2.4 in a hundred lost one, while four of five comparisons that lie on their bound were given
/// up, the blocks of these runs being two thirds of all.
public struct Futility: Equatable, Sendable {
  /// A comparison is given up below this chance of a decision at the last look; above 0 and below 1.
  public let leastPower: Double
  /// Blocks before which nothing is given up, at least 3.
  public let earliest: Int

  public init(leastPower: Double = 0.1, earliest: Int = 5) {
    precondition(leastPower > 0 && leastPower < 1, "a chance lies between 0 and 1")
    precondition(earliest >= 3, "nothing is known of a spread before there are three blocks")
    self.leastPower = leastPower
    self.earliest = earliest
  }

  /// Whether to give up.
  /// - Parameters:
  ///   - sample: logarithms of the blocks so far.
  ///   - bound: the logarithm that they are held against.
  ///   - design: of the run; its last look has the most blocks that there can be.
  public func isHopeless(_ sample: Sample, bound: Double, _ design: SequentialDesign) -> Bool {
    sample.count >= earliest && design.predictivePower(sample, bound: bound) < leastPower
  }
}

extension SequentialDesign {
  /// Chance that the last look decides about `bound`, on either side, if the blocks to come scatter like those so far around
  /// `mean`: conditional power (Lan and Wittes 1988). All on the logarithmic scale.
  ///
  /// The spread so far, of two blocks or more, stands for that of all blocks.
  public func conditionalPower(_ sample: Sample, bound: Double, mean: Double) -> Double {
    power(sample, bound) { toCome, difference in
      let error = sample.standardDeviation / Double(toCome).squareRoot()
      return Normal.upperTail((difference - (mean - bound)) / error)
    }
  }

  /// The same, averaged over the means that the blocks so far leave open: predictive power (Spiegelhalter, Freedman and
  /// Blackburn 1986), with the t distribution that an unknown spread takes.
  public func predictivePower(_ sample: Sample, bound: Double) -> Double {
    power(sample, bound) { toCome, difference in
      let error = sample.standardDeviation * (1 / Double(toCome) + 1 / Double(sample.count)).squareRoot()
      let known = StudentT(degreesOfFreedom: Double(sample.count - 1))
      return known.upperTail((difference - (sample.mean - bound)) / error)
    }
  }

  /// - Parameter exceeds: the chance that the mean of so many blocks to come lies so far above the bound, or further.
  private func power(_ sample: Sample, _ bound: Double, _ exceeds: (Int, Double) -> Double) -> Double {
    precondition(sample.count >= 2, "a spread takes two blocks")
    let last = looks[looks.count - 1]
    let level = last.level ?? 1 - alpha
    let distance = sample.mean - bound
    let reach =
      StudentT(degreesOfFreedom: Double(last.blocks - 1)).quantile(1 - (1 - level) / 2) * sample.standardDeviation
      / Double(last.blocks).squareRoot()
    let toCome = last.blocks - sample.count
    guard toCome > 0, sample.standardDeviation > 0 else { return abs(distance) >= reach && distance != 0 ? 1 : 0 }
    let (all, here) = (Double(last.blocks), Double(sample.count))
    let above = (reach * all - distance * here) / Double(toCome)
    let below = (-reach * all - distance * here) / Double(toCome)
    return exceeds(toCome, above) + 1 - exceeds(toCome, below)
  }
}
