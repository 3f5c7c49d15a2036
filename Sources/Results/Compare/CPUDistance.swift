import Statistics

/// How far apart the two CPUs of a run usually were, and where they were not.
///
/// A host that is itself a guest may find its two CPUs on one core, beside each other or on two ends of a package, and somewhere
/// else a second later; a request that crosses between them takes up to twice as long then. That is the place's doing and no
/// mode's: figures of such work are of the usual distance, and what was measured at another one is told apart.
public struct CPUDistance {
  /// Nanoseconds of a hand-off: the median of all that were measured.
  public let usual: Double

  /// A distance up to this many times as long, or as short, is the usual one. Places that the same CPUs keep differ by less; a
  /// core that two CPUs share, and another part of the package, by 1.8 and 4 times.
  private static let band = 1.4

  /// - Returns: nil where none was measured, or less than half of what was lies around the median: there is no usual distance.
  public init?(_ legs: [LegRecord]) {
    let all = legs.flatMap { $0.turns?.handOffs?.nanoseconds ?? [] }.map { Double($0) }
    guard !all.isEmpty else { return nil }
    usual = Quantile.median(all)
    guard 2 * all.count(where: contains) >= all.count else { return nil }
  }

  /// Whether another run's is the same.
  public func isLike(_ other: CPUDistance) -> Bool { contains(other.usual) }

  private func contains(_ nanoseconds: Double) -> Bool {
    nanoseconds <= usual * Self.band && nanoseconds >= usual / Self.band
  }

  /// The rounds before or after which the CPUs were found at another distance.
  func elsewhere(_ turns: TurnsRecord) -> Set<Int> {
    guard let handOffs = turns.handOffs else { return [] }
    var rounds: Set<Int> = []
    for index in handOffs.rounds.indices where !contains(Double(handOffs.nanoseconds[index])) {
      let before = index > 0 ? handOffs.rounds[index - 1] : 0
      let after = index + 1 < handOffs.rounds.count ? handOffs.rounds[index + 1] : .max
      rounds.formUnion((0..<turns.windows.count).filter { UInt64($0) >= before && UInt64($0) < after })
    }
    return rounds
  }
}
