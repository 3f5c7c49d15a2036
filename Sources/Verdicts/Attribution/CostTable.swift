import Results
import Statistics

/// What the `exits` workloads of a run cost, by block.
struct CostTable {
  /// One workload's cost in nanoseconds.
  struct Cost {
    /// By block; empty where another run gave it.
    let byBlock: [Int: Double]
    let mean: Double
    /// Half the width of the mean's interval where the blocks do not show it.
    let spread: Double

    /// The block's own cost, or the mean of all blocks.
    subscript(block: Int) -> Double { byBlock[block] ?? mean }
  }

  private let costs: [String: Cost]
  private let natives: [LegRecord]

  /// - Parameter fallback: another run, for what `result` did not measure.
  init(_ result: RunResult, fallback: RunResult?, level: Double) {
    var costs: [String: Cost] = [:]
    for (isOwn, run) in [(false, fallback), (true, result)] {
      for (workload, byBlock) in Self.byWorkload(run?.legs ?? []) {
        guard let sample = try? Sample(Array(byBlock.values)) else { continue }
        let half = sample.interval(level: level).map { ($0.high - $0.low) / 2 } ?? 0
        costs[workload] = Cost(byBlock: isOwn ? byBlock : [:], mean: sample.mean, spread: isOwn ? 0 : half)
      }
    }
    self.costs = costs
    natives = result.legs.filter { $0.machine == .native && $0.status == .ok }
  }

  /// Nil where it was not measured.
  subscript(workload: String) -> Cost? { costs[workload] }

  /// Nanoseconds of an operation of another native workload, by block; nil where it did not run in the blocks asked for.
  func native(
    _ workload: String, _ parameters: [String: String], _ basis: AttributionBasis, blocks: [Int]
  ) -> [Double]? {
    let found = blocks.compactMap { block in
      natives.first { $0.block == block && $0.workload == workload && $0.parameters == parameters }
        .flatMap(basis.nanoseconds)
    }
    return found.count == blocks.count ? found : nil
  }

  private static func byWorkload(_ legs: [LegRecord]) -> [String: [Int: Double]] {
    var found: [String: [Int: Double]] = [:]
    for leg in legs where leg.machine == .nearmetal && leg.status == .ok && leg.workload.hasPrefix("exits.") {
      guard let cost = leg.metrics.first(where: { $0.name == "cost" && $0.unit == "ns" }) else { continue }
      found[leg.workload, default: [:]][leg.block] = cost.value
    }
    return found
  }
}
