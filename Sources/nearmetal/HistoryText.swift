import Foundation
import History
import Reports
import Results

/// A history on a terminal and as tables.
enum HistoryText {
  static func render(_ runs: [HistoryRun], _ options: TerminalOptions) -> String {
    var screen = Screen()
    let headline = "\(runs.count) \(runs.count == 1 ? "run" : "runs") of \(Set(runs.map(\.host)).count) hosts."
    screen.line(headline, .strong)
    for run in runs {
      let state = run.interrupted ? ", interrupted" : ""
      screen.line(
        "\(run.startedAt) \(run.id): \(run.suite), \(run.blocks) blocks\(state), revision \(run.revision), host \(run.host) "
          + "(\(run.backend)\(run.kernel.map { ", \($0)" } ?? ""))")
    }
    return options.text(screen)
  }

  /// A line for each series, or for each of its points.
  static func render(_ series: [HistorySeries], _ options: TerminalOptions) -> String {
    var screen = Screen()
    screen.line("\(series.count) series.", .strong)
    for one in series {
      if options.showsAll || options.isWide {
        screen.line(title(one))
        for point in one.points { screen.line("  \(line(point))") }
      } else if let last = one.points.last {
        let values = one.points.map(\.value)
        let range = "\(figure(values.min() ?? last.value)) to \(figure(values.max() ?? last.value))"
        let count = one.points.count == 1 ? "1 run" : "\(one.points.count) runs"
        screen.line("\(title(one)): \(figure(last.value)) last, \(range) in \(count)")
      }
    }
    if !options.showsAll, !options.isWide, !series.isEmpty { screen.line("--all has every run's figure.", .faint) }
    return options.text(screen)
  }

  /// Where series changed; the verdict first and last.
  static func render(_ changes: HistoryStore.Changes, _ minimumSegment: Int, _ options: TerminalOptions) -> String {
    let changed = changes.changed
    let short = changes.counts.count { $0 < 2 * minimumSegment }
    let headline =
      "\(changed.count) of \(changes.counts.count) series changed"
      + (short > 0 ? "; \(short) have fewer than the \(2 * minimumSegment) runs that a change takes" : "")
    var screen = Screen()
    screen.paragraph(headline, changed.isEmpty ? .strong : .doubtful)
    for one in changed {
      screen.line(title(one))
      for change in one.changes { screen.paragraph("  \(line(change, in: one))", indent: 4) }
    }
    if !changed.isEmpty { screen.paragraph(headline, .doubtful) }
    return options.text(screen)
  }

  private static func title(_ series: HistorySeries) -> String {
    let kind = series.reference.map { "ratio to \($0.rawValue)" } ?? series.unit
    return
      "\(series.workload) \(series.metric), \(series.path.machine.rawValue) \(series.path.mode.rawValue), host \(series.host), \(kind)"
  }

  private static func line(_ point: HistoryPoint) -> String {
    let interval = point.low.flatMap { low in point.high.map { " [\(figure(low)), \(figure($0))]" } } ?? ""
    return "\(point.startedAt) \(point.run) revision \(point.revision): \(figure(point.value))\(interval)"
  }

  private static func line(_ change: HistoryChange, in series: HistorySeries) -> String {
    let percent = (change.relative * 1000).rounded() / 10
    let from = "from \(series.points[change.index].startedAt), run \(change.run)"
    return
      "\(from): \(figure(change.before)) to \(figure(change.after)) (\(percent > 0 ? "+" : "")\(percent) %), after revision "
      + "\(change.previousRevision), by \(change.revision); p = \(figure(change.probability))"
  }

  // MARK: Tables

  static func table(_ runs: [HistoryRun]) -> DataTable {
    DataTable(
      header: ["started", "run", "suite", "blocks", "interrupted", "revision", "host", "backend", "kernel"],
      rows: runs.map {
        [
          $0.startedAt, $0.id, $0.suite, "\($0.blocks)", "\($0.interrupted)", $0.revision, $0.host, "\($0.backend)",
          $0.kernel ?? "",
        ]
      })
  }

  private static let identity = ["workload", "metric", "machine", "mode", "host", "reference", "unit"]

  private static func identity(_ one: HistorySeries) -> [String] {
    [
      "\(one.workload)", one.metric, one.path.machine.rawValue, one.path.mode.rawValue, one.host,
      one.reference?.rawValue ?? "", one.unit,
    ]
  }

  static func table(_ series: [HistorySeries]) -> DataTable {
    DataTable(
      header: identity + ["started", "run", "revision", "value", "low", "high"],
      rows: series.flatMap { one in
        one.points.map { point in
          identity(one) + [
            point.startedAt, point.run, point.revision, "\(point.value)", point.low.map { "\($0)" } ?? "",
            point.high.map { "\($0)" } ?? "",
          ]
        }
      })
  }

  static func changes(_ series: [HistorySeries]) -> DataTable {
    DataTable(
      header: identity + ["run", "revision", "previous_revision", "before", "after", "relative", "p"],
      rows: series.flatMap { one in
        one.changes.map { change in
          identity(one) + [
            change.run, change.revision, change.previousRevision, "\(change.before)", "\(change.after)",
            "\(change.relative)", "\(change.probability)",
          ]
        }
      })
  }

  /// Four significant digits.
  private static func figure(_ value: Double) -> String { String(format: "%.4g", value) }
}
