extension LegRecord {
  /// The legs that count: of a leg and its repetition, the last one that is ok, else the last one. Every statistic is made of
  /// these, so that each block gives each path at most one figure. The choice looks at attempts and statuses alone, never at
  /// a metric. The order is kept.
  public static func deciding(_ legs: [LegRecord]) -> [LegRecord] {
    struct Slot: Hashable {
      let block: Int
      let path: Path
      let workload: Workload
    }
    func rank(_ leg: LegRecord) -> (Int, Int) { (leg.status == .ok ? 1 : 0, leg.attempt ?? 1) }
    var chosen: [Slot: Int] = [:]
    for (index, leg) in legs.enumerated() {
      let slot = Slot(block: leg.block, path: leg.path, workload: leg.workload)
      if let other = chosen[slot], rank(legs[other]) > rank(leg) { continue }
      chosen[slot] = index
    }
    let kept = Set(chosen.values)
    return legs.enumerated().filter { kept.contains($0.offset) }.map(\.element)
  }
}
