import Results

/// How long legs took, as far as a result tells: a leg ends where the next one begins, and those that took turns, which begin together,
/// have equal parts of their time. The end of the last is not recorded.
struct LegDurations {
  private var seconds: [String: Double] = [:]

  init(_ legs: [LegRecord]) {
    let together = Dictionary(grouping: legs, by: \.startedAt).sorted { $0.key < $1.key }
    for (group, next) in zip(together, together.dropFirst()) {
      for leg in group.value { seconds[leg.id] = (next.key - group.key) / Double(group.value.count) }
    }
  }

  /// Seconds of all of some legs together; nil where none is known.
  func total(_ legs: [LegRecord]) -> Double? {
    let known = legs.compactMap { seconds[$0.id] }
    return known.isEmpty ? nil : known.reduce(0, +)
  }
}
