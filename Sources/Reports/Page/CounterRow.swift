import Results

/// One counter on every path, as the templates show it.
struct CounterRow {
  struct Key: Hashable, Comparable {
    let name: String
    let domain: CounterDomain
    /// The thread that it counts; empty for a whole machine.
    let thread: String
    let unit: String

    init(_ counter: CounterRecord) {
      name = counter.name
      domain = counter.domain
      thread = counter.thread ?? ""
      unit = counter.unit ?? ""
    }

    static func < (left: Key, right: Key) -> Bool {
      (left.name, left.domain.rawValue, left.thread, left.unit)
        < (right.name, right.domain.rawValue, right.thread, right.unit)
    }
  }

  /// A counter on one path, over the blocks.
  struct Cell {
    var sum = 0.0
    var legs = 0
    var isMultiplexed = false
    var isUntrusted = false
  }

  let name: String
  let domain: String
  let cells: [String]

  init(_ key: Key, _ cells: [Cell?]) {
    name = key.unit.isEmpty ? key.name : "\(key.name), \(key.unit)"
    domain = key.thread.isEmpty ? key.domain.rawValue : "\(key.domain.rawValue), \(key.thread)"
    self.cells = cells.map { cell in
      guard let cell else { return "–" }
      guard cell.legs > 0 else { return "unavailable" }
      let marks = (cell.isUntrusted ? "✗ " : "") + (cell.isMultiplexed ? "≈ " : "")
      return marks + Figure.value(cell.sum / Double(cell.legs))
    }
  }

  /// Adds the counters of one window.
  ///
  /// - Parameter divisor: what the counts are divided by, above zero.
  static func add(_ counters: [CounterRecord], dividedBy divisor: Double, to cells: inout [Key: Cell]) {
    for counter in counters {
      let key = Key(counter)
      var cell = cells[key] ?? Cell()
      if let value = counter.value {
        cell.sum += Double(value) / divisor
        cell.legs += 1
      }
      if counter.status == .multiplexed { cell.isMultiplexed = true }
      if counter.trust == .untrusted { cell.isUntrusted = true }
      cells[key] = cell
    }
  }

  /// Means of the counters of some legs, by name.
  static func means(_ legs: [LegRecord], dividedBy divisor: (LegRecord) -> Double) -> [String: Double] {
    var cells: [Key: Cell] = [:]
    for leg in legs { add(leg.counters.filter { $0.thread == nil }, dividedBy: divisor(leg), to: &cells) }
    return Dictionary(
      cells.filter { $0.value.legs > 0 }.map { ($0.key.name, $0.value.sum / Double($0.value.legs)) },
      uniquingKeysWith: { first, _ in first })
  }
}
