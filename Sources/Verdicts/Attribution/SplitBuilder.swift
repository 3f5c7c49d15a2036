import Results

/// Collects the parts of one record; what is left of the time is the residual.
struct SplitBuilder {
  let subject: AttributionSubject
  let table: CostTable
  let level: Double
  /// Nanoseconds of an operation, by pair, in the mode and natively.
  let total: [Double]
  let native: [Double]
  private var parts: [AttributionPart] = []
  /// What of `total` the parts have not taken, by pair.
  private(set) var rest: [Double]
  private var spread: Double = 0
  private var notes: [String] = []

  init(_ subject: AttributionSubject, _ table: CostTable, _ level: Double) {
    self.subject = subject
    self.table = table
    self.level = level
    // The basis was chosen so that every leg has it.
    total = subject.pairs.map { subject.basis.nanoseconds(of: $0.leg) ?? 0 }
    native = subject.pairs.map { subject.basis.nanoseconds(of: $0.native) ?? 0 }
    rest = total
  }

  // MARK: Parts

  /// Adds a part whose nanoseconds are known by pair.
  mutating func add(
    _ kind: AttributionKind, _ name: String, _ values: [Double], count: Double? = nil, unitCost: Double? = nil,
    spread: Double = 0, source: String
  ) {
    parts.append(
      AttributionPart(
        kind: kind, name: name, time: AttributionTime(values, level: level, spread: spread), count: count,
        unitCost: unitCost, source: source))
    for index in rest.indices { rest[index] -= values[index] }
    self.spread = (self.spread * self.spread + spread * spread).squareRoot()
  }

  /// Adds a count times a cost. What was not counted or has no cost stays in the residual, with a note.
  mutating func add(_ kind: AttributionKind, _ name: String, counter: String, cost workload: String) {
    guard let counts = counts(counter) else {
      note("not separated: \(name): \(counter) was not counted")
      return
    }
    guard counts.contains(where: { $0 > 0 }) else { return }
    guard let cost = cost(workload, for: name) else { return }
    let mean = Self.mean(counts)
    add(
      kind, name, counts.map { $0 * cost.median }, count: mean, unitCost: cost.median, spread: mean * cost.spread,
      source: "\(counter) × \(workload)")
  }

  /// Values that are no counts, by pair; nil unless every leg has one.
  func gauges(_ name: String) -> [Double]? {
    let found = subject.pairs.compactMap { $0.counter(name) }
    return found.count == subject.pairs.count ? found : nil
  }

  /// A counter for each operation, by pair; nil unless every leg counted it.
  func counts(_ counter: String) -> [Double]? {
    let found = subject.pairs.compactMap { $0.perOperation(counter) }
    return found.count == subject.pairs.count ? found : nil
  }

  /// A measured cost; without it a note says how to get it.
  mutating func cost(_ workload: String, for name: String) -> CostTable.Cost? {
    guard let cost = table[workload] else {
      note("not separated: \(name): \(workload) was not measured; run a suite that has it, or give --costs")
      return nil
    }
    return cost
  }

  mutating func note(_ text: String) {
    if !notes.contains(text) { notes.append(text) }
  }

  static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }

  // MARK: The record

  /// The record as it stands.
  func record() -> AttributionRecord {
    let gaps = zip(total, native).map { $0 - $1 }
    let gap = AttributionTime(gaps, level: level)
    let residual = AttributionTime(rest, level: level, spread: spread)
    let hasGap = gap.nanoseconds > 0 && (gap.low ?? gap.nanoseconds) > 0
    var notes = notes
    if !hasGap {
      notes.append("the gap's interval holds 0, so no share of it is given: more blocks or a quieter host would tell")
    }
    if subject.isDisturbed { notes.append("some of these legs were disturbed: see their validity in the result") }
    return AttributionRecord(
      workload: subject.workload, path: subject.path, reference: .native, basis: subject.basis,
      blocks: subject.pairs.count, level: level,
      total: AttributionTime(total, level: level), referenceTotal: AttributionTime(native, level: level), parts: parts,
      residual: residual, explainedShare: hasGap ? 1 - abs(residual.nanoseconds) / gap.nanoseconds : nil, notes: notes)
  }
}
