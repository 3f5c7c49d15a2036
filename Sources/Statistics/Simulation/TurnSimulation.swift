import Glibc

/// Makes up blocks of rounds of a known ratio under known noise, the same ones for the same seed.
public struct TurnSimulation: Sendable {
  public let noise: TurnNoise
  public let effect: SimulatedEffect
  /// Rounds of a block, at least 1.
  public let rounds: Int
  private var random: SeededRandom

  public init(noise: TurnNoise, effect: SimulatedEffect = SimulatedEffect(), rounds: Int, seed: UInt64) {
    precondition(rounds >= 1, "a block has at least one round")
    precondition((0..<1).contains(noise.driftCorrelation), "the correlation of a drift lies from 0 up to 1")
    precondition(noise.turnFreedom ?? 3 >= 3, "only a t distribution with 3 degrees of freedom or more has a variance")
    precondition(noise.burstLength >= 1, "a burst lasts at least one turn")
    self.noise = noise
    self.effect = effect
    self.rounds = rounds
    random = SeededRandom(seed: seed)
  }

  /// The next block: the legs of a round in random order, those of the round after it in reverse, as a run takes them.
  public mutating func block() -> [PairedRound] {
    let shared = noise.block * random.normal()
    let mode = shared + boot() + effect.logRatio
    let reference = shared + boot()
    var disturbance = Disturbance(noise, &random)
    var made: [PairedRound] = []
    made.reserveCapacity(rounds)
    var isModeFirst = false
    for round in 0..<rounds {
      isModeFirst = round % 2 == 0 ? random.next() & 1 == 0 : !isModeFirst
      let first = turn(&disturbance)
      let second = turn(&disturbance)
      let hiccup = chance(effect.hiccupChance) ? effect.hiccupLoss : 0
      made.append(
        PairedRound(
          mode: PairedRound.Turn(metric: exp(mode + (isModeFirst ? first : second) - hiccup)),
          reference: PairedRound.Turn(metric: exp(reference + (isModeFirst ? second : first)))))
    }
    return made
  }

  /// The next blocks.
  public mutating func blocks(_ count: Int) -> [[PairedRound]] { (0..<count).map { _ in block() } }

  /// What goes on from turn to turn.
  private struct Disturbance {
    var drift: Double
    var isBurst = false

    init(_ noise: TurnNoise, _ random: inout SeededRandom) {
      drift = noise.drift > 0 ? noise.drift * random.normal() : 0
    }
  }

  private mutating func boot() -> Double {
    noise.boot * random.normal() - (chance(noise.levelChance) ? noise.levelGap : 0)
  }

  private mutating func turn(_ disturbance: inout Disturbance) -> Double {
    var logarithm = noise.turn * scatter()
    if noise.drift > 0 {
      let correlation = noise.driftCorrelation
      let innovation = noise.drift * (1 - correlation * correlation).squareRoot()
      disturbance.drift = correlation * disturbance.drift + innovation * random.normal()
      logarithm += disturbance.drift
    }
    if noise.burstChance > 0 {
      disturbance.isBurst = chance(disturbance.isBurst ? 1 - 1 / noise.burstLength : noise.burstChance)
      if disturbance.isBurst { logarithm -= noise.burstLoss * random.exponential() }
    }
    return logarithm
  }

  /// Of standard deviation 1, whatever the tails.
  private mutating func scatter() -> Double {
    guard let freedom = noise.turnFreedom else { return random.normal() }
    return random.studentT(degreesOfFreedom: freedom) * (Double(freedom - 2) / Double(freedom)).squareRoot()
  }

  private mutating func chance(_ probability: Double) -> Bool {
    probability > 0 && random.uniform() <= probability
  }
}
