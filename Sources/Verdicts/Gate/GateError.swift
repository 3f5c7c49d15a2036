import Statistics

/// Why a gate can decide nothing at all.
public enum GateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// An option is out of its range.
  case options(String)
  /// A run has too few blocks for the error that was asked for.
  case tooFewBlocks(run: String, have: Int, need: Int, alpha: Double)
  /// The runs share no workload, metric, machine and mode.
  case nothingInCommon(base: String, head: String)

  public var description: String {
    switch self {
    case .options(let problem): problem
    case .tooFewBlocks(let run, let have, let need, let alpha):
      "run \(run) has \(have) block\(have == 1 ? "" : "s"), which cannot decide at alpha \(alpha): at least \(need) are needed. "
        + "Measure with --blocks \(need) or more, or choose a larger --alpha."
    case .nothingInCommon(let base, let head):
      "runs \(base) and \(head) have nothing in common that could be compared: measure the same suite for both"
    }
  }
}
