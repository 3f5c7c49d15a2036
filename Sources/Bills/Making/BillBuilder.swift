import Results

/// Makes a bill's lines of what the passes measured: runs of one suite on hosts of the same making, whose nanoseconds and ticks of the
/// time-stamp counter are instructions.
public enum BillBuilder {
  /// Lines in the suite's order.
  /// - Parameter passes: one or two results of the same suite.
  public static func lines(of passes: [RunResult]) -> [BillLine] {
    guard let first = passes.first else { return [] }
    let order = first.run.content?.entries.map(\.workload) ?? []
    let legs = first.legs.filter { ($0.attempt ?? 1) == 1 }.sorted { left, right in
      let places = [left, right].map { order.firstIndex(of: $0.workload) ?? order.count }
      return places[0] == places[1] ? left.path < right.path : places[0] < places[1]
    }
    return legs.map { leg in
      line(passes.map { pass in pass.legs.first { $0.workload == leg.workload && $0.path == leg.path } })
    }
  }

  /// - Parameter legs: the same leg of every pass; nil where a pass did not come to it. The first is there.
  private static func line(_ legs: [LegRecord?]) -> BillLine {
    let there = legs.compactMap(\.self)
    guard there.count == legs.count, there.allSatisfy({ $0.status == .ok }) else {
      let worst = there.first { $0.status == .failed } ?? there.first { $0.status == .skipped } ?? there[0]
      return BillLine(
        worst.workload, worst.path, status: worst.status == .ok ? .failed : worst.status,
        reason: worst.reason ?? "only one of the passes came to it", statistic: statistic(worst))
    }
    let leg = there[0]
    let costs = there.compactMap(Cost.init)
    guard costs.count == there.count else {
      return BillLine(
        leg.workload, leg.path, status: .skipped, reason: "it has no figure that counts instructions",
        statistic: statistic(leg))
    }
    var line = BillLine(leg.workload, leg.path, status: .ok, statistic: statistic(leg))
    line.instructions = BillFigure(costs.map { rounded($0.instructions) })
    if line.statistic == .median { line.mean = BillFigure(costs.map { rounded($0.mean) }) }
    line.operations = BillFigure(costs.map(\.operations))
    for count in BillCount.allCases {
      let values = zip(there, costs).compactMap { leg, cost in value(of: count, leg).map { $0 / cost.operations } }
      if values.count == there.count { line.counts[count.rawValue] = BillFigure(values) }
    }
    return line
  }

  /// To a thousandth: what was a number of ticks became nanoseconds and ticks again, by each pass's own measure of the clock, and the same
  /// number of instructions must stay the same number.
  private static func rounded(_ instructions: Double) -> Double { (instructions * 1000).rounded() / 1000 }

  private static func statistic(_ leg: LegRecord) -> BillLine.Statistic {
    if leg.workload.id == "boot" { return .single }
    return leg.workload.id.hasPrefix("exits.") ? .median : .mean
  }

  private static func value(of count: BillCount, _ leg: LegRecord) -> Double? {
    let values = leg.counters.filter { count.counters.contains($0.name) }.compactMap(\.value)
    return values.isEmpty ? nil : Double(values.reduce(0, +))
  }

  /// Instructions of an operation of a leg.
  private struct Cost {
    let instructions: Double
    let mean: Double
    let operations: Double

    /// Nil where the leg has no figure that counts them.
    init?(_ leg: LegRecord) {
      func metric(_ name: String) -> Double? { leg.metrics.first { $0.name == name }?.value }
      // A boot is timed by the host's clock, whose nanoseconds are instructions too.
      if let boot = metric("boot.last") {
        (instructions, mean, operations) = (boot * 1e6, boot * 1e6, 1)
        return
      }
      guard let record = leg.metrics.lazy.compactMap(\.histogram).first,
        let distribution = try? LatencyDistribution(record), let sampled = distribution.mean, distribution.count > 0
      else { return nil }
      let ticks = record.ticksPerNanosecond ?? 1
      operations = Double(distribution.count) * Double(record.operationsPerSample)
      if let cycles = metric("cost.cycles") {
        (instructions, mean) = (cycles, (metric("cost.mean") ?? sampled) * ticks)
        return
      }
      // What ran between the operations is part of what they cost, so the window over its operations where there is a rate.
      let rate = metric("iops") ?? metric("frames")
      mean = rate.map { 1e9 / $0 * ticks } ?? sampled * ticks
      instructions = mean
    }
  }
}
