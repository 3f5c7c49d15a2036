import LinuxSystem
import ProbeABI
import Statistics

/// Grants turns to the legs of a group: one at a time, in rounds whose order alternates between a random one and its reverse.
///
/// A turn is worth more right after another one of the same leg, whose caches are still there: page-cache reads by 4 to 6 %, of
/// 0.5 ms. So no leg follows itself, where there are three legs or more; two alternate strictly.
struct TurnScheduler {
  /// A leg that takes turns.
  struct Member {
    let gate: TurnGate
    /// Turns in each round.
    let turnsPerRound: Int
    /// Makes a session that does not come back end.
    let cancel: () -> Void
  }

  /// What the rounds were.
  struct Outcome {
    /// Rounds in which every leg that was still there had its turns, and of those the ones in which something held a leg up.
    var rounds = 0
    var disturbed: [Int] = []
    /// By member and round, which of the leg's turns it had then, counted from 0: two for the native one, in the order of their
    /// labels.
    var turns: [Int: [[Int]]] = [:]
    /// By member and round, whose turn was before each of the leg's turns, in the order of their labels; nil before the first of all.
    var before: [Int: [[Int?]]] = [:]
    /// How far apart the two CPUs were before some of the rounds, and after the last.
    var handOffs: [(round: Int, nanoseconds: Double)] = []
    /// Members that did not come back to their gate in time.
    var lost: Set<Int> = []
    /// Whose turn was the last.
    fileprivate var last: Int?
    /// Turns that each leg had in all.
    fileprivate var counts: [Int: Int] = [:]
    /// By member and round, nanoseconds for which its threads waited for a CPU.
    fileprivate var delays: [Int: [UInt64]] = [:]
  }

  let members: [Member]
  let rounds: Int
  /// Nanoseconds of a turn as it is planned, its warm-up included.
  let turn: UInt64
  /// Nanoseconds after which a leg whose turn it is has failed.
  let patience: UInt64
  let interruption: Interruption
  /// Called before each round, with its number: returns when it may begin.
  var pause: (Int) -> Void = { _ in }
  /// Share of a turn for which a leg's threads may wait for a CPU, beyond what they wait in most of its turns, before the round
  /// counts as disturbed.
  let delayShare: Double
  /// Measures how far apart the two CPUs are, while no leg has its turn; nil where no leg's figures follow it, or it cannot be told.
  var handOff: () -> Double? = { nil }

  /// Nanoseconds from one look at the CPUs' distance to the next: each takes a hundredth of it.
  private static let handOffInterval: UInt64 = 20_000_000
  private static let leastRounds = 10
  /// A round may take this many times as long as planned before there are fewer of them: operations that are longer than a turn
  /// make the turns longer.
  private static let overrun: UInt64 = 2

  /// Grants all turns. On return every leg has been told that there are no more, or is gone.
  func run(_ random: inout SeededRandom) -> Outcome {
    var outcome = Outcome()
    var active = members.indices.filter { members[$0].gate.place(by: MonotonicClock.now + patience) == .waiting }
    // Each prepares itself in a turn of its own.
    active = random.shuffled(active).filter { grant($0, &outcome) != nil }.sorted()
    var spent: UInt64 = 0
    let slots = active.reduce(0) { $0 + members[$1].turnsPerRound }
    let budget = UInt64(rounds) * UInt64(slots) * turn * Self.overrun
    // A leg that is left alone has nobody to be held against; one that never had company has its own turns.
    let company = max(1, min(2, active.count))
    var order: [Slot] = []
    var number = 0
    var nextHandOff: UInt64? = 0
    func look(_ outcome: inout Outcome) {
      let distance = handOff()
      if let distance { outcome.handOffs.append((outcome.rounds, distance)) }
      // CPUs that do not meet once are not looked at again.
      nextHandOff = distance.map { _ in MonotonicClock.now + Self.handOffInterval }
    }
    while outcome.rounds < rounds, active.count >= company, !interruption.isRequested {
      if outcome.rounds >= Self.leastRounds, spent > budget { break }
      pause(outcome.rounds)
      if let time = nextHandOff, MonotonicClock.now >= time { look(&outcome) }
      let begin = MonotonicClock.now
      defer { spent += MonotonicClock.now - begin }
      order = next(order, isReverse: number % 2 == 1, makeSlots(active), outcome.last, &random)
      number += 1
      if !round(order, &outcome) {
        // It lacks a leg, and counts for none of them.
        active.removeAll { members[$0].gate.place(by: 0) != .waiting }
        (order, number) = ([], 0)
      }
    }
    if nextHandOff != nil, outcome.rounds > 0 { look(&outcome) }
    let disturbed = outcome.delays.values.flatMap { Self.disturbed($0, most: delayShare * Double(turn)) }
    outcome.disturbed = Set(disturbed).sorted()
    for index in active where members[index].gate.place(by: 0) == .waiting {
      members[index].gate.give(NM_TURN_END)
      // It answers its job meanwhile: the next one must not do that beside it.
      if members[index].gate.place(by: MonotonicClock.now + patience) == nil { lose(index, &outcome) }
    }
    return outcome
  }

  private struct Slot {
    let member: Int
    let label: Int
  }

  /// The order of a round.
  /// - Parameters:
  ///   - order: of the round before; empty for the first.
  ///   - isReverse: whether it is to be that one's reverse.
  ///   - last: whose turn was the last.
  private func next(
    _ order: [Slot], isReverse: Bool, _ slots: [Slot], _ last: Int?, _ random: inout SeededRandom
  ) -> [Slot] {
    // Two alternate, as whoever was drawn began.
    if slots.count == 2, !order.isEmpty { return order }
    if isReverse, let reverse = Self.apart(order.reversed(), last) { return reverse }
    var drawn = random.shuffled(slots)
    for _ in 0..<Self.draws where !Self.isApart(drawn, last) { drawn = random.shuffled(slots) }
    return drawn
  }

  /// Tries to find an order in which no leg follows itself; one leg alone has none.
  private static let draws = 100

  private static func isApart(_ order: [Slot], _ last: Int?) -> Bool {
    zip([last] + order.map { $0.member }, order).allSatisfy { $0 != $1.member }
  }

  /// The same with the first slots exchanged where the first one's leg had the turn before; nil where some leg follows itself still.
  private static func apart(_ order: [Slot], _ last: Int?) -> [Slot]? {
    if isApart(order, last) { return order }
    guard order.count > 1 else { return nil }
    var other = order
    other.swapAt(0, 1)
    return isApart(other, last) ? other : nil
  }

  private func makeSlots(_ active: [Int]) -> [Slot] {
    active.flatMap { index in (0..<members[index].turnsPerRound).map { Slot(member: index, label: $0) } }
  }

  /// Gives every leg its turns and keeps which they were.
  /// - Returns: whether every leg came back.
  private func round(_ order: [Slot], _ outcome: inout Outcome) -> Bool {
    var delays: [Int: UInt64] = [:]
    var turns: [Int: [Int]] = [:]
    var before: [Int: [Int?]] = [:]
    for slot in order {
      guard let delay = grant(slot.member, &outcome) else { return false }
      delays[slot.member, default: 0] &+= delay
      let number = outcome.counts[slot.member, default: 0]
      outcome.counts[slot.member] = number + 1
      let perRound = members[slot.member].turnsPerRound
      turns[slot.member, default: Array(repeating: 0, count: perRound)][slot.label] = number
      before[slot.member, default: Array(repeating: nil, count: perRound)][slot.label] = outcome.last
      outcome.last = slot.member
    }
    outcome.rounds += 1
    for (member, numbers) in turns { outcome.turns[member, default: []].append(numbers) }
    for (member, others) in before { outcome.before[member, default: []].append(others) }
    for (member, delay) in delays { outcome.delays[member, default: []].append(delay) }
    return true
  }

  /// Rounds in which a leg waited for a CPU for longer than it does by itself: its own threads may be in each other's way in every
  /// turn, and wake each other a thousand times in one. What stands out is a wait beyond what its turns scatter.
  /// - Parameters:
  ///   - delays: of one leg, nanoseconds in each round.
  ///   - most: nanoseconds beyond the median that are never too long.
  static func disturbed(_ delays: [UInt64], most: Double) -> [Int] {
    let delays = delays.map { Double($0) }
    let median = Quantile.median(delays)
    let scatter = Quantile.median(delays.map { abs($0 - median) }) * deviationsToAMedian
    let limit = median + max(most, outlier * scatter)
    return delays.indices.filter { delays[$0] > limit }
  }

  /// Standard deviations of a normal distribution in its median distance from the median, the other way round.
  private static let deviationsToAMedian = 1.4826
  /// Standard deviations beyond which a wait is no longer the leg's own (Hampel 1974).
  private static let outlier = 5.0

  /// Gives a leg its turn and waits for its end.
  /// - Returns: nanoseconds for which its threads waited for a CPU meanwhile; nil where it did not come back to its gate.
  private func grant(_ index: Int, _ outcome: inout Outcome) -> UInt64? {
    let gate = members[index].gate
    let before = gate.runDelay
    gate.give(NM_TURN_GO)
    guard let place = gate.place(by: MonotonicClock.now + patience) else {
      lose(index, &outcome)
      return nil
    }
    guard place == .waiting else { return nil }
    guard let before, let after = gate.runDelay else { return 0 }
    return after &- before
  }

  private func lose(_ index: Int, _ outcome: inout Outcome) {
    outcome.lost.insert(index)
    members[index].cancel()
  }
}
