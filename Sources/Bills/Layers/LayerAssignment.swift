import Results

/// Gives the lines of a bill their layers and functions: which of the plugin's windows is which leg's, and what was counted in it.
struct LayerAssignment {
  let map: AddressMap
  let windows: [CountedWindow]
  /// Nanoseconds of the suite's window, which are instructions.
  let window: Double

  /// Functions that a line keeps.
  private static let mostFunctions = 40
  /// How far the plugin's total may be from the window's length: blocks of code that was left in their middle are counted whole.
  static let tolerance = 0.005

  /// - Parameter pass: the result of the pass that the plugin counted.
  func assign(_ lines: [BillLine], _ pass: RunResult) -> [BillLine] {
    let found = matches(pass.legs)
    return lines.map { line in
      guard let window = found[Slot(workload: line.workload, path: line.path)],
        let cost = line.mean ?? line.instructions,
        let operations = line.operations?.passes.last, operations > 0,
        isWhole(window, of: line, measured: cost.value * operations)
      else { return line }
      return divided(line, window, operations: operations, mean: cost.value)
    }
  }

  private struct Slot: Hashable {
    let workload: Workload
    let path: Path
  }

  /// Windows close in the order in which the legs ran, one a leg; those before the first leg are the audit's. A leg that failed may have
  /// closed one or not: then nothing is told.
  private func matches(_ legs: [LegRecord]) -> [Slot: CountedWindow] {
    let measured = legs.filter { $0.status == .ok && $0.workload.id != "boot" }
    guard measured.count <= windows.count, !legs.contains(where: { $0.status == .failed }) else { return [:] }
    return Dictionary(
      zip(measured, windows.suffix(measured.count)).map { (Slot(workload: $0.workload, path: $0.path), $1) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Whether a window is a line's, by its length, and all of its time went by instructions: a processor that waits executes none, and
  /// what waits cannot be divided. It ends with the first operation that ends after its length.
  /// - Parameter measured: instructions of all operations.
  private func isWhole(_ window: CountedWindow, of line: BillLine, measured: Double) -> Bool {
    let total = Double(window.total)
    guard total >= self.window * (1 - Self.tolerance), measured <= total * (1 + Self.tolerance) else { return false }
    return line.statistic == .median || measured >= total * (1 - Self.tolerance)
  }

  private func divided(_ line: BillLine, _ window: CountedWindow, operations: Double, mean: Double) -> BillLine {
    var line = line
    var byPlace: [AddressMap.Place: Double] = [:]
    for (address, count) in window.counts {
      byPlace[map.place(address, isPeer: line.path.machine == .qemu), default: 0] += Double(count) / operations
    }
    var layers: [String: Double] = [:]
    for layer in BillLayer.allCases { layers[layer.rawValue] = 0 }
    for (place, count) in byPlace { layers[place.layer.rawValue, default: 0] += count }
    // Where single operations were timed, what the guest does between them is no part of them: it is all at CPL 3.
    if line.statistic == .median {
      let between = Double(window.total) / operations - mean
      layers[BillLayer.guestUser.rawValue] = max(0, (layers[BillLayer.guestUser.rawValue] ?? 0) - between)
    }
    line.layers = layers.mapValues(Self.rounded)
    line.functions = byPlace.sorted { left, right in
      left.value == right.value ? left.key.function < right.key.function : left.value > right.value
    }.prefix(Self.mostFunctions).map { place, count in
      BillFunction(name: place.function, layer: place.layer.rawValue, instructions: Self.rounded(count))
    }
    return line
  }

  /// To a hundredth: what operations were in the window is no finer.
  private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
