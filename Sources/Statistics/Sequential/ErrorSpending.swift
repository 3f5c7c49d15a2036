import Glibc

/// How much of a comparison's error may be spent by the time that a share of its blocks is there (Lan and DeMets 1983,
/// "Discrete Sequential Boundaries for Clinical Trials"). Declared before the first block.
public enum ErrorSpending: String, Sendable, CaseIterable {
  /// Next to nothing early, almost all at the end, like the bounds of O'Brien and Fleming (1979): the interval at the end is
  /// hardly wider than without looks, and only effects many times as large as that end a run early.
  case obrienFleming
  /// Evenly, like the bounds of Pocock (1977): clear effects end a run early, and the last interval is wider for it.
  case pocock

  /// The error spent by `share` of the blocks, from 0 at 0 to `alpha` at 1.
  public func spent(at share: Double, alpha: Double) -> Double {
    precondition((0...1).contains(share), "a share lies between 0 and 1")
    precondition(alpha > 0 && alpha < 1, "an error lies between 0 and 1")
    if share == 0 { return 0 }
    if share == 1 { return alpha }
    return switch self {
    case .obrienFleming: 2 * Normal.upperTail(-Normal.quantile(alpha / 2) / share.squareRoot())
    case .pocock: alpha * log1p((M_E - 1) * share)
    }
  }
}
