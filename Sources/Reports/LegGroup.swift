import Results

/// The legs of one workload on one path, over the blocks, in the order of the blocks.
struct LegGroup {
  struct Key: Hashable {
    let workload: Workload
    let path: Path
  }

  let key: Key
  private(set) var legs: [LegRecord] = []

  var title: String { key.workload.description }

  /// Sorted by workload, machine and mode, whatever the order in which the legs ran.
  static func all(_ legs: [LegRecord]) -> [LegGroup] {
    var groups: [Key: LegGroup] = [:]
    for leg in legs {
      let key = Key(workload: leg.workload, path: leg.path)
      groups[key, default: LegGroup(key: key)].legs.append(leg)
    }
    for key in groups.keys { groups[key]?.legs.sort { ($0.block, $0.attempt ?? 1) < ($1.block, $1.attempt ?? 1) } }
    return groups.values.sorted { ($0.title, $0.key.path) < ($1.title, $1.key.path) }
  }

  /// Legs that were skipped or failed, and legs with doubts, joined where what is said about them is the same.
  var remarks: [(status: String, reason: String, blocks: [Int])] {
    var order: [[String]] = []
    var blocks: [[String]: [Int]] = [:]
    let replaced = Set(legs.map(\.id)).subtracting(LegRecord.deciding(legs).map(\.id))
    func note(_ status: String, _ reason: String, _ block: Int) {
      if blocks[[status, reason]] == nil { order.append([status, reason]) }
      blocks[[status, reason], default: []].append(block)
    }
    for leg in legs {
      if leg.status != .ok { note(leg.status.rawValue, leg.reason ?? "", leg.block) }
      // A leg that was repeated stays in the data, and out of the figures.
      let isReplaced = leg.status == .ok && replaced.contains(leg.id)
      for doubt in leg.validity { note(isReplaced ? "repeated" : "disturbed", doubt, leg.block) }
    }
    return order.map { ($0[0], $0[1], blocks[$0] ?? []) }
  }
}
