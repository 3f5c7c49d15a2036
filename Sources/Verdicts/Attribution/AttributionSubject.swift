import Results

/// One workload in one mode beside the same workload natively: the blocks in which both were measured.
struct AttributionSubject {
  let workload: Workload
  let path: Path
  let basis: AttributionBasis
  /// In the order of the blocks; never empty.
  let pairs: [AttributionPair]

  /// Requests in flight.
  var depth: Int { Self.depth(workload) }

  /// Whether any leg is marked as disturbed.
  var isDisturbed: Bool { pairs.contains { !$0.leg.validity.isEmpty || !$0.native.validity.isEmpty } }

  /// Every subject of a run, in the order of workload, parameters and mode. Open loops are none: their pace is the schedule's. Nor is
  /// work that several share: an operation's time is not that of one thread's parts.
  static func all(in legs: [LegRecord]) -> [AttributionSubject] {
    var pairs: [Key: [AttributionPair]] = [:]
    let natives = Dictionary(
      legs.filter { $0.path.isNative && $0.status == .ok }.map { (Slot($0), $0) },
      uniquingKeysWith: { first, _ in first })
    for leg in legs
    where leg.path.machine == .nearmetal && leg.status == .ok && leg.workload["rate"] == nil
      && number("vcpus", leg.workload) == 1 && number("iothreads", leg.workload) == 1
    {
      guard leg.workload.id.hasPrefix("block."), let native = natives[Slot(leg)], let operations = operations(of: leg)
      else { continue }
      let key = Key(workload: leg.workload, path: leg.path)
      pairs[key, default: []].append(AttributionPair(leg: leg, native: native, operations: operations))
    }
    return pairs.sorted { $0.key.precedes($1.key) }.compactMap { key, pairs in
      let pairs = pairs.sorted { $0.block < $1.block }
      return basis(key, pairs).map {
        AttributionSubject(workload: key.workload, path: key.path, basis: $0, pairs: pairs)
      }
    }
  }

  private static func depth(_ workload: Workload) -> Int {
    let (depth, isOver) = number("qd", workload).multipliedReportingOverflow(by: number("queues", workload))
    return isOver ? .max : depth
  }

  /// A parameter that is 1 where it is not given.
  private static func number(_ name: String, _ workload: Workload) -> Int {
    workload[name]?.quantity.flatMap { Int(exactly: $0) } ?? 1
  }

  /// A flush is timed without the write before it, whose exits are counted with it: there the throughput is what adds up.
  private static func basis(_ key: Key, _ pairs: [AttributionPair]) -> AttributionBasis? {
    let isSingle = depth(key.workload) == 1 && key.workload.id != "block.flush"
    let candidates: [AttributionBasis] =
      isSingle ? [.medianLatency, .meanLatency, .inverseThroughput] : [.inverseThroughput]
    return candidates.first { basis in
      pairs.allSatisfy { basis.nanoseconds(of: $0.leg) != nil && basis.nanoseconds(of: $0.native) != nil }
    }
  }

  /// Operations of a leg's window: the samples of its latency histogram, one an operation.
  private static func operations(of leg: LegRecord) -> Double? {
    guard let histogram = leg.metrics.lazy.compactMap(\.histogram).first,
      let distribution = try? LatencyDistribution(histogram), distribution.count > 0
    else { return nil }
    return Double(distribution.count) * Double(histogram.operationsPerSample)
  }

  /// Where a native leg and its counterpart meet.
  private struct Slot: Hashable {
    let block: Int
    let workload: Workload

    init(_ leg: LegRecord) {
      block = leg.block
      workload = leg.workload
    }
  }

  private struct Key: Hashable {
    let workload: Workload
    let path: Path

    func precedes(_ other: Key) -> Bool {
      (workload.description, path) < (other.workload.description, other.path)
    }
  }
}
