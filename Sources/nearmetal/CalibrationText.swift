import Foundation
import Results

/// A calibration on a terminal.
enum CalibrationText {
  static func render(_ record: CalibrationRecord) -> String {
    var lines = [
      "Equal sides, \(record.blocks) blocks each: \(rate(record.falseAlarms, "false alarm")) in decisions, "
        + "\(rate(record.gateAlarms, "false alarm")) in whole gates."
    ]
    for detection in record.detections {
      lines.append("Slowed by \(detection.injection): found in \(rate(detection.rate, nil)).")
      for (name, ratio) in detection.ratios.sorted(by: { $0.key < $1.key }) {
        lines.append("  \(name): \(String(format: "%.3f", ratio)) of the other side on average")
      }
    }
    if let replication = record.replication, let share = replication.share {
      lines.append(
        "Of what was found in one run or the next, both found \(percent(share)) (\(replication.both) of "
          + "\(replication.both + replication.one); \(replication.pairs) pairs of runs).")
    }
    for lengths in record.turnLengths ?? [] {
      let tried = lengths.trials.map { "\(milliseconds($0.length)) \(percent($0.spreadOfOneSecond))" }
      lines.append(
        "Turns of \(lengths.workload): \(lengths.best.map(milliseconds) ?? "unknown") (scatter that a second leaves: "
          + "\(tried.joined(separator: ", ")))")
    }
    lines.append("")
    lines.append(
      "Noise where nothing changes (floor: what noise alone may show; least: what is noticed 8 times in 10):")
    for metric in record.metrics { lines += text(metric) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// `1 false alarm of 105 [0.02 %, 5.2 %]`.
  private static func rate(_ rate: RateRecord, _ noun: String?) -> String {
    let what = noun.map { " \($0)\(rate.count == 1 ? "" : "s")" } ?? ""
    guard let low = rate.low, let high = rate.high else { return "none tried" }
    return "\(rate.count)\(what) of \(rate.trials) [\(percent(low)), \(percent(high))]"
  }

  private static func text(_ metric: MetricNoiseRecord) -> [String] {
    var line =
      "  \(metric.workload) \(metric.metric), \(metric.path): "
      + "floor \(percent(metric.noiseFloor)), least \(percent(metric.minimumDetectableEffect))"
    if let blocks = metric.blocksForFivePercent { line += ", \(blocks) blocks for 5 %" }
    var seen: [String] = []
    if let effects = metric.effects, !effects.isEmpty {
      let parts = effects.map {
        "\(percent($0.effect)) in \(minutes($0.seconds)) (\($0.blocks) blocks"
          + ($0.boots > 1 ? ", \($0.boots) boots each)" : ")")
      }
      seen = ["    alone it sees \(parts.joined(separator: ", "))"]
    }
    guard let variance = metric.variance else { return [line] + seen }
    var parts =
      "    windows \(percent(variance.iteration)), boots \(percent(variance.leg)), blocks \(percent(variance.block))"
    if let iterations = metric.iterations {
      parts += "; best \(iterations) \(iterations == 1 ? "window" : "windows") a boot"
    }
    return [line, parts] + seen
  }

  private static func minutes(_ seconds: Double) -> String {
    seconds < 120 ? "\(Int(seconds)) s" : "\(Int(seconds / 60)) min"
  }

  private static func milliseconds(_ time: UInt64) -> String { "\(Double(time) / 1e6) ms" }

  private static func percent(_ share: Double) -> String {
    "\(String(format: share < 0.1 ? "%.2f" : "%.1f", share * 100)) %"
  }
}
