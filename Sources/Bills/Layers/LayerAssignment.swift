import ELF
import Results

/// Gives the lines of a bill their layers, functions and the emulator's counts: which of the plugin's windows is which leg's, and what was
/// counted in it.
struct LayerAssignment {
  let map: AddressMap
  let windows: [CountedWindow]
  /// Nanoseconds of the suite's window, which are instructions.
  let window: Double

  /// Functions that a line keeps: those of at least so many instructions an operation, since a change of as few is to be blamed on its
  /// function, and at most so many of them.
  private static let leastOfFunction = 0.5
  private static let mostFunctions = 500
  /// How far the plugin's total may be from the window's length: blocks of code that was left in their middle are counted whole.
  static let tolerance = 0.005

  /// - Parameter pass: the result of the pass that the plugin counted.
  func assign(_ lines: [BillLine], _ pass: RunResult) -> [BillLine] {
    let found = matches(pass.legs)
    let addresses = BillCount.allCases.compactMap { count in
      count.function.flatMap { map.kernel.address(of: $0) }.map { (count.rawValue, $0) }
    }
    return lines.map { line in
      guard let window = found[Slot(workload: line.workload, path: line.path)],
        let cost = line.mean ?? line.instructions,
        let operations = line.operations?.passes.last, operations > 0,
        isWhole(window, of: line, measured: cost.value * operations)
      else { return line }
      var line = divided(line, window, operations: operations, mean: cost.value)
      // What the emulator counts by itself is of any monitor, and of all threads together.
      for (name, address) in addresses where line.counts[name] == nil {
        line.counts[name] = BillFigure([Double(window.executions(at: address)) / operations])
      }
      return line
    }
  }

  private struct Slot: Hashable {
    let workload: Workload
    let path: Path
  }

  /// Windows close in the order in which the legs ran, one a leg. A leg that failed may have closed one or not: nothing is told of it and of
  /// those behind it.
  private func matches(_ legs: [LegRecord]) -> [Slot: CountedWindow] {
    let known = legs.prefix { $0.status != .failed }
    let closed = known.filter { $0.status == .ok }.flatMap(slots)
    guard closed.count == windows.count || (closed.count < windows.count && known.count < legs.count) else {
      return [:]
    }
    return Dictionary(
      zip(closed, windows).compactMap { slot, window in slot.map { ($0, window) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// Whose the windows are that a leg closes; nil for one that is of no line. A boot has none, but QEMU's memory is looked at in a second
  /// one, which stays for the length of a job.
  private func slots(_ leg: LegRecord) -> [Slot?] {
    guard leg.workload.id == "boot" else { return [Slot(workload: leg.workload, path: leg.path)] }
    return leg.path.machine == .qemu ? [nil] : []
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
    for block in window.blocks {
      let place = map.place(block.address, isPeer: line.path.machine == .qemu)
      byPlace[place, default: 0] += Double(block.instructions) / operations
    }
    var layers: [BillLayer: Double] = [:]
    for layer in BillLayer.allCases { layers[layer] = 0 }
    for (place, count) in byPlace { layers[place.layer, default: 0] += count }
    // Where single operations were timed, what the guest does between them is no part of them: a loop at CPL 3, or at CPL 0 around what
    // only works there. No function of that layer can be told from the loop.
    if line.statistic == .median {
      var between = Double(window.total) / operations - mean
      for layer in [BillLayer.guestUser, .guestKernel] where between > 0 {
        let share = min(between, layers[layer] ?? 0)
        layers[layer, default: 0] -= share
        between -= share
        if share > 0 { byPlace = byPlace.filter { $0.key.layer != layer } }
      }
    }
    line.layers = Dictionary(uniqueKeysWithValues: layers.map { ($0.key.rawValue, Self.rounded($0.value)) })
    line.functions = byPlace.filter { $0.value >= Self.leastOfFunction }.sorted { left, right in
      left.value == right.value ? left.key.function < right.key.function : left.value > right.value
    }.prefix(Self.mostFunctions).map { place, count in
      BillFunction(name: place.function, layer: place.layer.rawValue, instructions: Self.rounded(count))
    }
    return line
  }

  /// To a hundredth: what operations were in the window is no finer.
  private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
