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
    do throws(HistogramError) { record.metrics = try metrics(figures) } catch {
      record.status = .failed
      record.reason = "fio's latencies make no sense: \(error)"
      return
    }
    if let use = outcome.windows[leg.job] { fill(&record, use, leg, operations: figures.results?.operations ?? 0) }
    if let noise = noise(of: leg, outcome) { fill(&record, noise, inTurns: false) }
  }

  private func metrics(_ figures: LinuxFigures) throws(HistogramError) -> [MetricRecord] {
    switch figures.results {
    case .fio(let fio): return try metrics(fio)
    case .iperf3(let iperf): return metrics(iperf)
    case .perf(let perf):
      return lower("time", "s", perf.seconds)
        + (perf.bytesPerSecond.map { [bandwidth($0)] } ?? [])
    case nil: break
    }
    if let time = figures.time { return lower("time", "s", Double(time) / 1e9) }
    return lower("boot.init", "ms", figures.hello.map { Double($0) / 1e6 })
      + lower("boot.ready", "ms", figures.ready.map { Double($0) / 1e6 })
      + lower("boot.kernel", "ms", figures.uptime.map { $0 * 1000 })
  }

  private func metrics(_ fio: FioFigures) throws(HistogramError) -> [MetricRecord] {
    let latency = try fio.latency.map { (record) throws(HistogramError) in
      try MetricRecord.percentiles(of: record, name: "latency")
        + lower("latency.mean", "ns", LatencyDistribution(record).mean)
    }
    return [higher("iops", "IOPS", fio.operationsPerSecond), bandwidth(fio.bytesPerSecond)] + (latency ?? [])
  }

  private func metrics(_ iperf: IperfFigures) -> [MetricRecord] {
    [bandwidth(iperf.bytesPerSecond)] + lower("retransmits", "segments", iperf.retransmits.map { Double($0) })
      + lower("processor.client", "%", iperf.clientProcessor)
      + lower("processor.server", "%", iperf.serverProcessor)
  }

  private func bandwidth(_ bytesPerSecond: Double) -> MetricRecord {
    higher("bandwidth", "MiB/s", bytesPerSecond / Double(1 << 20))
  }
}
