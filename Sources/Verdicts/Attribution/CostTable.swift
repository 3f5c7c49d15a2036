import Results
import Statistics

/// What the `exits` workloads of a run cost.
struct CostTable {
  /// One workload's cost in nanoseconds.
  struct Cost {
    /// Median over the blocks: a block in which the host was busy elsewhere does not move it.
    let median: Double
    /// Half the width of its interval.
    let spread: Double
  }

  private let costs: [String: Cost]
  private let legs: [LegRecord]

  /// - Parameter fallback: another run, for what `result` did not measure.
  init(_ result: RunResult, fallback: RunResult?, level: Double) {
    let foreign = Self.byWorkload(LegRecord.deciding(fallback?.legs ?? []))
    let all = foreign.merging(Self.byWorkload(LegRecord.deciding(result.legs))) { _, own in own }
    costs = all.mapValues { Self.cost($0, level: level) }
    legs = LegRecord.deciding(result.legs).filter { $0.status == .ok }
  }

  /// Nil where it was not measured.
  subscript(workload: String) -> Cost? { costs[workload] }

  /// Nanoseconds of an operation of another workload, by block; nil unless it ran in every block asked for.
  func times(
    _ path: Path, _ workload: Workload, _ basis: AttributionBasis, blocks: [Int]
  ) -> [Double]? {
    let found = blocks.compactMap { block in
      legs.first {
        $0.block == block && $0.path == path && $0.workload == workload
      }.flatMap(basis.nanoseconds)
    }
    return found.count == blocks.count ? found : nil
  }

  private static func byWorkload(_ legs: [LegRecord]) -> [String: [Double]] {
    var found: [String: [Double]] = [:]
    for leg in legs where leg.path.machine == .nearmetal && leg.status == .ok && leg.workload.id.hasPrefix("exits.") {
      guard let cost = leg.metrics.first(where: { $0.name == "cost" && $0.unit == "ns" }) else { continue }
      found[leg.workload.id, default: []].append(cost.value)
    }
    return found
  }

  /// The spread is Student's, with the standard deviation estimated from the median absolute deviation (1.4826 of it for a
  /// normal distribution) and the standard error of a median, sqrt(π/2) times a mean's.
  private static func cost(_ values: [Double], level: Double) -> Cost {
    let middle = median(values)
    guard values.count > 1 else { return Cost(median: middle, spread: 0) }
    let deviation = 1.4826 * median(values.map { abs($0 - middle) })
    let quantile = StudentT(degreesOfFreedom: Double(values.count - 1)).quantile(1 - (1 - level) / 2)
    let error = (Double.pi / 2).squareRoot() * deviation / Double(values.count).squareRoot()
    return Cost(median: middle, spread: quantile * error)
  }

  /// - Parameter values: at least one.
  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
