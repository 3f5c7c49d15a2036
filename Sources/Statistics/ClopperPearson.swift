/// The exact interval of a proportion (Clopper and Pearson 1934): never covers less than its level.
public enum ClopperPearson {
  /// Two-sided interval of the chance of success, from 0 to `trials` successes in at least one trial.
  public static func interval(successes: Int, trials: Int, level: Double) -> Interval {
    precondition(trials > 0 && (0...trials).contains(successes), "successes lie between 0 and the trials")
    precondition(level > 0 && level < 1, "a level lies between 0 and 1")
    let tail = (1 - level) / 2
    let hits = Double(successes)
    let misses = Double(trials - successes)
    return Interval(
      low: successes == 0 ? 0 : IncompleteBeta.inverse(tail, hits, misses + 1),
      high: successes == trials ? 1 : IncompleteBeta.inverse(1 - tail, hits + 1, misses), level: level)
  }
}
