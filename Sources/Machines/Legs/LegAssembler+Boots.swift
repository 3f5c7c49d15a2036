import Results
import Statistics

/// Legs that do nothing but boot: one guest, or many at once.
extension LegAssembler {
  func fill(_ record: inout LegRecord, crowd outcome: SessionOutcome) {
    guard let crowd = outcome.crowd, !crowd.times.isEmpty, crowd.elapsed > 0 else {
      record.status = .failed
      record.reason = outcome.failure ?? "no guest ended"
      return
    }
    let times = crowd.times.map { Double($0) / 1e6 }
    record.metrics = [
      higher("guests.rate", "guests/s", Double(times.count) / Double(crowd.elapsed) * 1e9),
      MetricRecord(name: "boot.p50", unit: "ms", direction: .lower, value: Quantile.median(times)),
      MetricRecord(name: "boot.slowest", unit: "ms", direction: .lower, value: times.max() ?? 0),
    ]
  }

  func fill(_ record: inout LegRecord, boot outcome: SessionOutcome) {
    guard let figures = outcome.boot else {
      record.status = .failed
      record.reason = outcome.failure ?? "the probe did not end"
      return
    }
    record.metrics = [
      MetricRecord(name: "boot.first", unit: "ms", direction: .lower, value: Double(figures.first) / 1e6),
      MetricRecord(name: "boot.last", unit: "ms", direction: .lower, value: Double(figures.last) / 1e6),
    ]
    for (name, value) in [("memory.rss", figures.resident), ("memory.pss", figures.proportional)] {
      guard let value else { continue }
      record.metrics.append(
        MetricRecord(name: name, unit: "MiB", direction: .lower, value: Double(value) / Double(1 << 20)))
    }
  }
}
