import Foundation
import Reports
import Results

/// A calibration on a terminal.
enum CalibrationText {
  /// What the gate makes of equal sides, first and last; what it finds; the noise of each metric. Ends with a newline.
  static func render(_ record: CalibrationRecord, _ options: TerminalOptions) -> String {
    var screen = Screen()
    let headline =
      "Equal sides, \(record.blocks) blocks each: \(rate(record.falseAlarms, "false alarm")) in decisions, "
      + "\(rate(record.gateAlarms, "false alarm")) in whole gates."
    screen.paragraph(headline, .strong)
    for detection in record.detections {
      screen.line("Slowed by \(detection.injection): found in \(rate(detection.rate, nil)).")
      for (reason, count) in (detection.misses ?? [:]).sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
        screen.line("  missed \(count == 1 ? "once" : "\(count) times"): \(reason)")
      }
      guard options.showsAll else { continue }
      for (name, ratio) in detection.ratios.sorted(by: { $0.key < $1.key }) {
        screen.line("  \(name): \(String(format: "%.3f", ratio)) of the other side on average")
      }
    }
    if let replication = record.replication, let share = replication.share {
      screen.line(
        "Of what was found in one run or the next, both found \(percent(share)) (\(replication.both) of "
          + "\(replication.both + replication.one); \(replication.pairs) pairs of runs).")
    }
    screen.gap()
    screen.add(noise(record.metrics, options))
    if options.showsAll {
      for metric in record.metrics { for line in details(metric) { screen.line(line) } }
      for lengths in record.turnLengths ?? [] {
        let tried = lengths.trials.map { "\(milliseconds($0.length)) \(percent($0.spreadOfOneSecond))" }
        screen.line(
          "Turns of \(lengths.workload): \(lengths.best.map(milliseconds) ?? "unknown") (scatter that a second leaves: "
            + "\(tried.joined(separator: ", ")))")
      }
    } else {
      screen.line("--all has the ratios, where the noise comes from, and the lengths of turns.", .faint)
    }
    screen.gap()
    screen.paragraph(headline, .strong)
    return options.text(screen)
  }

  /// A line for each metric: what noise alone may show, and what is noticed 8 times in 10.
  private static func noise(_ metrics: [MetricNoiseRecord], _ options: TerminalOptions) -> Screen {
    let names = metrics.map { "\($0.workload) \($0.metric), \($0.path)" }
    let most = options.isWide || options.showsAll ? Int.max : options.style.columns - 36
    let width = min(most, (names.map(\.count).max() ?? 0) + 2)
    var screen = Screen()
    screen.line(
      Screen.Span("Where nothing changes", .strong, width: width), Screen.Span("floor", .faint, width: 11),
      Screen.Span("noticed", .faint, width: 11), Screen.Span("for 5 %", .faint))
    for (metric, name) in zip(metrics, names) {
      screen.line(
        Screen.Span(name, width: width), Screen.Span(percent(metric.noiseFloor), width: 11),
        Screen.Span(percent(metric.minimumDetectableEffect), width: 11),
        Screen.Span(metric.blocksForFivePercent.map { "\($0) blocks" } ?? "", .faint))
    }
    return screen
  }

  /// A row for every metric.
  static func table(_ record: CalibrationRecord) -> DataTable {
    DataTable(
      header: [
        "workload", "metric", "machine", "mode", "pairs", "noise_floor", "minimum_detectable_effect",
        "blocks_for_five_percent",
      ],
      rows: record.metrics.map {
        [
          "\($0.workload)", $0.metric, $0.path.machine.rawValue, $0.path.mode.rawValue, "\($0.pairs)",
          "\($0.noiseFloor)",
          "\($0.minimumDetectableEffect)", $0.blocksForFivePercent.map(String.init) ?? "",
        ]
      })
  }

  /// `1 false alarm of 105 [0.02 %, 5.2 %]`.
  private static func rate(_ rate: RateRecord, _ noun: String?) -> String {
    let what = noun.map { " \($0)\(rate.count == 1 ? "" : "s")" } ?? ""
    guard let low = rate.low, let high = rate.high else { return "none tried" }
    return "\(rate.count)\(what) of \(rate.trials) [\(percent(low)), \(percent(high))]"
  }

  /// Where the noise of a metric comes from, and what can be seen in which time.
  private static func details(_ metric: MetricNoiseRecord) -> [String] {
    var lines: [String] = []
    if let variance = metric.variance {
      let best = metric.iterations.map { "; best \($0) \($0 == 1 ? "window" : "windows") a boot" } ?? ""
      lines.append(
        "  windows \(percent(variance.iteration)), boots \(percent(variance.leg)), blocks \(percent(variance.block))\(best)"
      )
    }
    if let effects = metric.effects, !effects.isEmpty {
      let parts = effects.map {
        "\(percent($0.effect)) in \(minutes($0.seconds)) (\($0.blocks) blocks"
          + ($0.boots > 1 ? ", \($0.boots) boots each)" : ")")
      }
      lines.append("  alone it sees \(parts.joined(separator: ", "))")
    }
    return lines.isEmpty ? [] : ["\(metric.workload) \(metric.metric), \(metric.path):"] + lines
  }

  private static func minutes(_ seconds: Double) -> String {
    seconds < 120 ? "\(Int(seconds)) s" : "\(Int(seconds / 60)) min"
  }

  private static func milliseconds(_ time: UInt64) -> String { "\(Double(time) / 1e6) ms" }

  private static func percent(_ share: Double) -> String {
    "\(String(format: share < 0.1 ? "%.2f" : "%.1f", share * 100)) %"
  }
}
