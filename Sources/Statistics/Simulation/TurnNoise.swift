/// The noise of a host, as turns meet it. All are of the logarithm of a figure: 0.01 is 1 %.
///
/// What mode and reference share in a block (``block``, most of ``drift``) cancels in their ratio; what belongs to a boot or a
/// turn does not.
public struct TurnNoise: Equatable, Sendable {
  /// Standard deviation of what a block's legs share.
  public var block = 0.0
  /// Standard deviation of what each leg's boot brings along for the whole block.
  public var boot = 0.0
  /// Standard deviation of a turn, independent of all others.
  public var turn = 0.0
  /// Degrees of freedom of the t distribution that the turns follow, at least 3; nil for the normal distribution.
  public var turnFreedom: Int?
  /// Standard deviation of a disturbance that goes on from turn to turn whoever has it, an autoregression of first order.
  public var drift = 0.0
  /// Correlation of the drift of one turn with that of the next, from 0 up to 1, 1 excluded.
  public var driftCorrelation = 0.9
  /// Chance that a burst of disturbance begins at a turn.
  public var burstChance = 0.0
  /// Mean length of a burst in turns, at least 1; geometric.
  public var burstLength = 1.0
  /// Mean loss of a turn in a burst; exponential.
  public var burstLoss = 0.0
  /// How much slower a boot on the lower level is.
  public var levelGap = 0.0
  /// Chance that a boot is on the lower level.
  public var levelChance = 0.0

  public init() {}
}

extension TurnNoise {
  /// The kinds of noise that the method is held against, by name: each alone, and all together. The sizes are those that
  /// turns of 2 ms showed on a shared host of two CPUs: 2 to 12 % a turn, bursts in one turn of thirty.
  public static let kinds: [(name: String, noise: TurnNoise)] = {
    var block = TurnNoise()
    block.block = 0.1
    block.turn = 0.02
    var boot = TurnNoise()
    boot.boot = 0.01
    boot.turn = 0.02
    var drift = TurnNoise()
    drift.drift = 0.05
    drift.turn = 0.02
    var bursts = TurnNoise()
    bursts.turn = 0.02
    bursts.burstChance = 0.03
    bursts.burstLoss = 0.4
    var longBursts = bursts
    longBursts.burstChance = 0.01
    longBursts.burstLength = 4
    var tails = TurnNoise()
    tails.turn = 0.05
    tails.turnFreedom = 3
    var all = TurnNoise()
    all.block = 0.1
    all.boot = 0.005
    all.turn = 0.03
    all.turnFreedom = 3
    all.drift = 0.05
    all.burstChance = 0.02
    all.burstLength = 1.5
    all.burstLoss = 0.4
    return [
      ("block", block), ("boot", boot), ("drift", drift), ("bursts", bursts), ("long bursts", longBursts),
      ("heavy tails", tails), ("all", all),
    ]
  }()
}
