import Results

/// How long legs took, as far as a result tells: a leg ends where the next one begins. The last leg's end is not recorded.
struct LegDurations {
  private var seconds: [String: Double] = [:]

  init(_ legs: [LegRecord]) {
    let ordered = legs.sorted { $0.startedAt < $1.startedAt }
    for (leg, next) in zip(ordered, ordered.dropFirst()) { seconds[leg.id] = next.startedAt - leg.startedAt }
  }

  /// Seconds of all of some legs together; nil where none is known.
  func total(_ legs: [LegRecord]) -> Double? {
    let known = legs.compactMap { seconds[$0.id] }
    return known.isEmpty ? nil : known.reduce(0, +)
  }
}
