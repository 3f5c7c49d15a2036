import Results

/// What was counted while one workload ran: a row a counter, a column a place, mean over the blocks.
struct CounterTable {
  let head: [String]
  let rows: [CounterRow]
  let caption: String

  init(_ series: WorkloadSeries) {
    let lines = series.lines.filter { $0.legs.contains { !$0.counters.isEmpty } }
    var operations: [String: Double] = [:]
    for leg in lines.flatMap(\.legs) { operations[leg.id] = Self.operations(of: leg) }
    let legs = lines.flatMap(\.legs)
    let isPerOperation = !legs.isEmpty && legs.allSatisfy { operations[$0.id] != nil }
    caption =
      "Mean over the blocks for one \(isPerOperation ? "operation" : "window"). ≈: shared the hardware, scaled. "
      + "A dash: not counted there."
    let scale = isPerOperation ? operations : [:]
    head = ["counter", "of"] + lines.map(\.place.short)
    var keys: Set<CounterRow.Key> = []
    let columns = lines.map { line in
      let found = CounterRow.cells(line.legs) { scale[$0.id] ?? 1 }
      keys.formUnion(found.keys)
      return found
    }
    rows = keys.sorted { $0 < $1 }.map { key in CounterRow(key, columns.map { $0[key] }) }
  }

  /// Operations of a leg's window, where every one was timed.
  static func operations(of leg: LegRecord) -> Double? {
    guard let record = leg.metrics.lazy.compactMap(\.histogram).first,
      let curve = try? LatencyCurve(record, at: []), curve.count > 0
    else { return nil }
    return Double(curve.count) * Double(record.operationsPerSample)
  }
}
