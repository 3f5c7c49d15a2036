import Counters
import Definitions
import Results

/// Legs of workloads under Linux.
extension LegAssembler {
  func fill(_ record: inout LegRecord, linux outcome: SessionOutcome, _ leg: PlannedLeg) {
    guard let figures = outcome.linux else {
      record.status = .failed
      record.reason = [outcome.failure ?? "it did not end", outcome.deviceFailure].compactMap { $0 }.joined(
        separator: "; ")
      return
    }
    do throws(HistogramError) { record.metrics = try metrics(figures, leg) } catch {
      record.status = .failed
      record.reason = "fio's latencies make no sense: \(error)"
      return
    }
    if let use = outcome.windows[leg.job] { fill(&record, use, leg, operations: figures.fio?.operations ?? 0) }
    if let noise = noise(of: leg, outcome) { fill(&record, noise, inTurns: false) }
  }

  private func metrics(_ figures: LinuxFigures, _ leg: PlannedLeg) throws(HistogramError) -> [MetricRecord] {
    if let fio = figures.fio {
      let latency = try fio.latency.map { (record) throws(HistogramError) in
        try MetricRecord.percentiles(of: record, name: "latency")
          + lower("latency.mean", "ns", LatencyDistribution(record).mean)
      }
      return [
        higher("iops", "IOPS", fio.operationsPerSecond),
        higher("bandwidth", "MiB/s", fio.bytesPerSecond / Double(1 << 20)),
      ] + (latency ?? [])
    }
    if let time = figures.time { return lower("time", "s", Double(time) / 1e9) }
    return lower("boot.init", "ms", figures.hello.map { Double($0) / 1e6 })
      + lower("boot.ready", "ms", figures.ready.map { Double($0) / 1e6 })
      + lower("boot.kernel", "ms", figures.uptime.map { $0 * 1000 })
  }
}
