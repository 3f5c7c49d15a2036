import Results

/// What was counted while one workload ran: a row a counter, a column a path, mean over the blocks.
struct CounterTable {
  let caption: String
  let head: [String]
  let rows: [CounterRow]

  /// - Parameter counted: what a counting pass counted besides; its figures are for one operation already where it says how
  ///   many there were.
  init(_ series: WorkloadSeries, counted: [CountedRecord]) {
    let lines = series.lines.filter { $0.legs.contains { !$0.counters.isEmpty } }
    let legs = lines.flatMap(\.legs)
    let operations = Dictionary(
      legs.map { ($0.id, Self.operations(of: $0)) }, uniquingKeysWith: { first, _ in first })
    let isPerOperation =
      operations.values.allSatisfy { $0 != nil } && counted.allSatisfy { $0.operations > 0 }
      && !(legs.isEmpty && counted.isEmpty)
    let paths = Set(lines.map(\.path) + counted.map(\.path)).sorted()
    head = ["counter", "of"] + paths.map(\.short)
    var columns = [Path: [CounterRow.Key: CounterRow.Cell]]()
    for line in lines {
      for leg in line.legs {
        let divisor = isPerOperation ? operations[leg.id]?.map { $0 } ?? 1 : 1
        CounterRow.add(leg.counters, dividedBy: divisor, to: &columns[line.path, default: [:]])
      }
    }
    for record in counted {
      let own = record.counters.filter { columns[record.path]?[CounterRow.Key($0)]?.legs ?? 0 == 0 }
      CounterRow.add(
        own, dividedBy: isPerOperation ? Double(record.operations) : 1, to: &columns[record.path, default: [:]])
    }
    let keys = Set(columns.values.flatMap(\.keys))
    rows = keys.sorted { $0 < $1 }.map { key in CounterRow(key, paths.map { columns[$0]?[key] }) }
    caption =
      "Mean over the blocks for one \(isPerOperation ? "operation" : "window"). ≈: shared the hardware, scaled by its time. "
      + "✗: failed the audit. A dash: not counted there."
      + (counted.isEmpty ? "" : " What the legs do not hold is from the counting pass.")
  }

  /// Operations of a leg's window, where every one was timed.
  static func operations(of leg: LegRecord) -> Double? {
    guard let record = leg.metrics.lazy.compactMap(\.histogram).first,
      let curve = try? LatencyCurve(record, at: []), curve.count > 0
    else { return nil }
    return Double(curve.count) * Double(record.operationsPerSample)
  }
}
