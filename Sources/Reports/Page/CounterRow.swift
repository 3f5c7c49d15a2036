import Results

/// One counter in every place, as the templates show it.
struct CounterRow {
  struct Key: Hashable, Comparable {
    let name: String
    let domain: CounterDomain

    static func < (left: Key, right: Key) -> Bool {
      (left.name, left.domain.rawValue) < (right.name, right.domain.rawValue)
    }
  }

  /// A counter in one place, over the blocks.
  struct Cell {
    var sum = 0.0
    var legs = 0
    var isMultiplexed = false
    var reason: String?
  }

  let name: String
  let domain: String
  let cells: [String]

  init(_ key: Key, _ cells: [Cell?]) {
    name = key.name
    domain = key.domain.rawValue
    self.cells = cells.map { cell in
      guard let cell else { return "–" }
      guard cell.legs > 0 else { return "unavailable" }
      return (cell.isMultiplexed ? "≈ " : "") + Figure.value(cell.sum / Double(cell.legs))
    }
  }

  /// Every counter of some legs.
  ///
  /// - Parameter scale: what a leg's counts are divided by, above zero.
  static func cells(_ legs: [LegRecord], scale: (LegRecord) -> Double) -> [Key: Cell] {
    var cells: [Key: Cell] = [:]
    for leg in legs {
      let divisor = scale(leg)
      for counter in leg.counters {
        let key = Key(name: counter.name, domain: counter.domain)
        var cell = cells[key] ?? Cell()
        if let value = counter.value {
          cell.sum += Double(value) / divisor
          cell.legs += 1
        }
        if counter.status == .multiplexed { cell.isMultiplexed = true }
        cell.reason = counter.reason ?? cell.reason
        cells[key] = cell
      }
    }
    return cells
  }
}
