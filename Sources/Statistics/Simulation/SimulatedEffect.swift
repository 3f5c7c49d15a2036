import Glibc

/// What truly distinguishes the mode of a simulation from its reference.
public struct SimulatedEffect: Equatable, Sendable {
  /// Logarithm of the ratio of an undisturbed turn of the mode: −0.05 for one that is slower by 5 %.
  public var logRatio: Double
  /// Chance that a turn of the mode, and of the mode alone, has a hiccup.
  public var hiccupChance: Double
  /// What a hiccup costs its turn, of the logarithm.
  public var hiccupLoss: Double

  public init(logRatio: Double = 0, hiccupChance: Double = 0, hiccupLoss: Double = 0) {
    self.logRatio = logRatio
    self.hiccupChance = hiccupChance
    self.hiccupLoss = hiccupLoss
  }

  /// Logarithm of the ratio of what both get done in a long time, hiccups and all: what ``RoundEstimator/sum`` estimates.
  public var totalLogRatio: Double { logRatio + log1p(-hiccupChance * (1 - exp(-hiccupLoss))) }
}
