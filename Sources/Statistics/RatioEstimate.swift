import Glibc

/// What blocks say about a ratio on its logarithmic scale: the mean logarithm, its standard error and the degrees of freedom
/// behind that error. One shape for paired blocks and for the blocks of two independent runs.
public struct RatioEstimate: Equatable, Sendable {
  /// Mean logarithm of the ratio.
  public let mean: Double
  /// At least 0.
  public let standardError: Double
  /// Above 0.
  public let degreesOfFreedom: Double

  /// From blocks in which both sides were measured; nil for a single block, which has no spread.
  public init?(_ paired: PairedLogRatio) {
    guard paired.blocks > 1 else { return nil }
    mean = paired.sample.mean
    standardError = paired.sample.standardError
    degreesOfFreedom = Double(paired.blocks - 1)
  }

  /// From logarithms of two independent sets of blocks, by Welch's t, which does not suppose that both scatter alike
  /// (Welch 1947; degrees of freedom by Satterthwaite 1946). Nil where either side has a single block.
  public init?(mode: Sample, reference: Sample) {
    guard mode.count > 1, reference.count > 1 else { return nil }
    let shares = [mode, reference].map { $0.standardError * $0.standardError }
    let total = shares[0] + shares[1]
    mean = mode.mean - reference.mean
    standardError = total.squareRoot()
    let smallest = Double(min(mode.count, reference.count) - 1)
    let denominator =
      shares[0] * shares[0] / Double(mode.count - 1) + shares[1] * shares[1] / Double(reference.count - 1)
    // Without any scatter, or with so little that its squares vanish, the smaller side's freedom is the careful choice.
    degreesOfFreedom = denominator > 0 ? max(smallest, total * total / denominator) : smallest
  }

  /// The ratio itself.
  public var ratio: Double { exp(mean) }

  /// Two-sided interval of the ratio.
  public func interval(level: Double) -> Interval {
    precondition(level > 0 && level < 1, "a level lies between 0 and 1")
    let half = StudentT(degreesOfFreedom: degreesOfFreedom).quantile(1 - (1 - level) / 2) * standardError
    return Interval(low: exp(mean - half), high: exp(mean + half), level: level)
  }

  /// P-value of the one-sided test whose null hypothesis is that the true ratio lies below `margin`, above 0.
  public func probability(below margin: Double) -> Double {
    let distance = mean - log(margin)
    guard standardError > 0 else { return distance >= 0 ? 0 : 1 }
    return StudentT(degreesOfFreedom: degreesOfFreedom).upperTail(distance / standardError)
  }

  /// P-value of the one-sided test whose null hypothesis is that the true ratio is `margin`, above 0, or more.
  public func probability(atLeast margin: Double) -> Double {
    let distance = log(margin) - mean
    guard standardError > 0 else { return distance > 0 ? 0 : 1 }
    return StudentT(degreesOfFreedom: degreesOfFreedom).upperTail(distance / standardError)
  }
}
