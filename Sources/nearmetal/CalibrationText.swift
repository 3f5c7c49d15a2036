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
    guard let variance = metric.variance else { return [line] }
    var parts =
      "    windows \(percent(variance.iteration)), boots \(percent(variance.leg)), blocks \(percent(variance.block))"
    if let iterations = metric.iterations {
      parts += "; best \(iterations) \(iterations == 1 ? "window" : "windows") a boot"
    }
    return [line, parts]
  }

  private static func percent(_ share: Double) -> String {
    "\(String(format: share < 0.1 ? "%.2f" : "%.1f", share * 100)) %"
  }
}
