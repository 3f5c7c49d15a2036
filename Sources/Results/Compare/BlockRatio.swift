import Glibc
import Statistics

/// How the two legs of a block become the block's logarithm of the ratio.
///
/// Legs that took turns are compared round by round, a turn of each milliseconds apart: what the host does to both cancels.
/// Others, and metrics that only a whole leg has, are compared by the legs' figures.
public struct BlockRatio: Sendable {
  /// What the rounds of a block become.
  public static let estimator = RoundEstimator.hodgesLehmann

  /// Oriented so that 0 is the reference and above is better.
  public let logarithm: Double
  /// The rounds that it was taken from; nil where it was taken from the legs' figures.
  public let rounds: [PairedRound]?

  /// - Returns: nil where a figure is not positive, so that there is no ratio, and where one of the legs is of another distance of the
  ///   CPUs than the run's usual one.
  public init?(_ mode: Series.Point, over reference: Series.Point, _ subject: Series.Subject) {
    guard !mode.isElsewhere(with: reference) else { return nil }
    if let one = mode.turns, let other = reference.turns,
      let rounds = Self.rounds(
        one.windows, other.windows, elsewhere: mode.elsewhere.union(reference.elsewhere),
        one.disturbed + other.disturbed, subject,
        samples: (mode.operationsPerSample, reference.operationsPerSample)),
      let logarithm = try? Self.estimator.logRatio(of: rounds, higherIsBetter: subject.direction == .higher)
    {
      (self.logarithm, self.rounds) = (logarithm, rounds)
      return
    }
    guard mode.value > 0, reference.value > 0 else { return nil }
    let ratio = log(mode.value / reference.value)
    (logarithm, rounds) = (subject.direction == .higher ? ratio : -ratio, nil)
  }

  /// The second turn of a native leg over its first, or where each round has one, those of a round over those of the round before:
  /// what the method makes of equal sides.
  /// - Returns: nil for a leg that took no turns.
  public init?(twinOf native: Series.Point, _ subject: Series.Subject) {
    guard let turns = native.turns,
      let rounds = turns.twin.map({ Self.rounds($0, turns.windows, turns.disturbed, subject) })
        ?? Self.successive(turns, subject),
      let logarithm = try? Self.estimator.logRatio(of: rounds, higherIsBetter: subject.direction == .higher)
    else { return nil }
    (self.logarithm, self.rounds) = (logarithm, rounds)
  }

  /// Each second round against the one before it; which of the two is over the other changes from one pair to the next.
  private static func successive(_ turns: TurnsRecord, _ subject: Series.Subject) -> [PairedRound]? {
    func every(_ offset: Int) -> TurnsRecord.Windows {
      let rounds = stride(from: 0, to: turns.windows.count - 1, by: 2).map { $0 + ($0 % 4 == 0 ? offset : 1 - offset) }
      return TurnsRecord.Windows(
        operations: rounds.map { turns.windows.operations[$0] },
        nanoseconds: rounds.map { turns.windows.nanoseconds[$0] }, median: rounds.map { turns.windows.median[$0] })
    }
    return rounds(every(1), every(0), turns.disturbed.map { $0 / 2 }, subject)
  }

  /// The rounds that count, of those that both have; nil where there are none, or the metric is of whole legs.
  private static func rounds(
    _ mode: TurnsRecord.Windows, _ reference: TurnsRecord.Windows, elsewhere: Set<Int> = [], _ disturbed: [Int],
    _ subject: Series.Subject,
    samples: (mode: Int, reference: Int) = (1, 1)
  ) -> [PairedRound]? {
    guard let figure = TurnsRecord.Figure(metric: subject.metric, of: subject.workload) else { return nil }
    let counting = TurnsRecord.counting(
      of: min(mode.count, reference.count), elsewhere: elsewhere, disturbed: disturbed)
    let rounds = counting.map { index in
      PairedRound(
        mode: mode.turn(index, figure, samples.mode), reference: reference.turn(index, figure, samples.reference))
    }
    return rounds.isEmpty || rounds.contains { $0.mode.figure <= 0 || $0.reference.figure <= 0 } ? nil : rounds
  }
}

extension Series {
  /// The blocks that two series share and that have a ratio, in their order.
  public func ratios(over reference: Series) -> [(block: Int, ratio: BlockRatio)] {
    points.keys.sorted().compactMap { block in
      guard let mine = points[block], let other = reference.points[block] else { return nil }
      return BlockRatio(mine, over: other, key.subject).map { (block, $0) }
    }
  }

  /// The ratio over those blocks; nil where there is none.
  public func pairedRatio(over reference: Series) -> PairedLogRatio? {
    try? PairedLogRatio(logarithms: ratios(over: reference).map(\.ratio.logarithm))
  }
}

extension TurnsRecord.Windows {
  /// - Parameter perSample: operations in a timed sample.
  fileprivate func turn(_ index: Int, _ figure: TurnsRecord.Figure, _ perSample: Int) -> PairedRound.Turn {
    switch figure {
    case .rate: PairedRound.Turn(operations: operations[index], nanoseconds: max(1, nanoseconds[index]))
    case .time: PairedRound.Turn(operations: max(1, nanoseconds[index]), nanoseconds: operations[index])
    case .median: PairedRound.Turn(metric: Double(median[index]) / Double(perSample))
    }
  }
}
