/// How estimators of a block's ratio do under known noise: simulated runs, each judged as a real one is, by the paired t of its
/// blocks.
public struct EstimatorStudy: Sendable {
  public let noise: TurnNoise
  public let effect: SimulatedEffect
  /// Blocks of a run, at least 2.
  public let blocks: Int
  /// Rounds of a block, at least 1.
  public let rounds: Int
  /// Two-sided level of the intervals, above 0 and below 1.
  public let level: Double
  public let seed: UInt64

  public init(
    noise: TurnNoise, effect: SimulatedEffect = SimulatedEffect(), blocks: Int = 10, rounds: Int = 40,
    level: Double = 0.95, seed: UInt64 = 0x4e4d_5455_524e
  ) {
    precondition(blocks >= 2, "an interval takes two blocks")
    precondition(level > 0 && level < 1, "a level lies between 0 and 1")
    self.noise = noise
    self.effect = effect
    self.blocks = blocks
    self.rounds = rounds
    self.level = level
    self.seed = seed
  }

  /// What one estimator did over the simulated runs.
  public struct Outcome: Equatable, Sendable {
    public let estimator: RoundEstimator
    public let runs: Int
    /// Runs whose interval held the logarithm of the ratio of undisturbed turns, ``SimulatedEffect/logRatio``.
    public internal(set) var covered = 0
    /// Runs whose interval held the logarithm of the ratio of totals, ``SimulatedEffect/totalLogRatio``.
    public internal(set) var coveredTotal = 0
    /// Runs whose whole interval lay below a ratio of 1.
    public internal(set) var foundSlower = 0
    /// Runs in which the sum lay beyond noise from this estimate, by ``EstimatorDisagreement``; never for the sum itself.
    public internal(set) var disagreed = 0
    /// Mean over the runs of the estimated logarithm.
    public internal(set) var meanLogRatio = 0.0
    /// Mean over the runs of the half-width of the interval of the logarithm.
    public internal(set) var meanHalfWidth = 0.0

    init(_ estimator: RoundEstimator, runs: Int) {
      self.estimator = estimator
      self.runs = runs
    }
  }

  /// Simulates so many runs, at least 1, and gives all of them to each estimator. Blocking: a run of 10 blocks of 40 rounds
  /// takes well below 1 ms an estimator in an optimised build.
  public func outcomes(of estimators: [RoundEstimator], runs: Int) -> [Outcome] {
    precondition(runs >= 1, "a study has at least one run")
    var outcomes = estimators.map { Outcome($0, runs: runs) }
    var simulation = TurnSimulation(noise: noise, effect: effect, rounds: rounds, seed: seed)
    for _ in 0..<runs {
      let run = simulation.blocks(blocks)
      let sums = logarithms(run, .sum)
      for index in outcomes.indices { judge(run, sums, &outcomes[index]) }
    }
    return outcomes
  }

  private func judge(_ run: [[PairedRound]], _ sums: [Double], _ outcome: inout Outcome) {
    let logarithms = logarithms(run, outcome.estimator)
    let interval = interval(logarithms)
    let middle = (interval.low + interval.high) / 2
    if interval.contains(effect.logRatio) { outcome.covered += 1 }
    if interval.contains(effect.totalLogRatio) { outcome.coveredTotal += 1 }
    if interval.high < 0 { outcome.foundSlower += 1 }
    outcome.meanLogRatio += middle / Double(outcome.runs)
    outcome.meanHalfWidth += (interval.high - middle) / Double(outcome.runs)
    let differences = self.interval(zip(sums, logarithms).map { $0 - $1 })
    if differences.low > 0 || differences.high < 0 { outcome.disagreed += 1 }
  }

  private func logarithms(_ run: [[PairedRound]], _ estimator: RoundEstimator) -> [Double] {
    run.map { rounds in
      guard let logarithm = try? estimator.logRatio(of: rounds, higherIsBetter: true) else {
        preconditionFailure("a simulated round has figures above 0")
      }
      return logarithm
    }
  }

  private func interval(_ logarithms: [Double]) -> Interval {
    guard let interval = try? Sample(logarithms).interval(level: level) else {
      preconditionFailure("a study has at least two blocks")
    }
    return interval
  }
}
