import Results

/// Runs side by side as plain text for a terminal.
public enum ComparisonText {
  /// Ends with a newline.
  ///
  /// - Parameter everyMetric: whether every metric is shown; else the one that stands for its workload.
  public static func render(_ comparison: RunComparison, everyMetric: Bool = false) -> String {
    var parts = [ComparisonWording.headline(comparison)] + comparison.runs.map(ComparisonWording.line)
    if !comparison.fields.isEmpty { parts.append(fields(comparison)) }
    let series = comparison.series.filter { everyMetric || $0.isHeadline }
    if !series.isEmpty { parts.append(figures(series, comparison)) }
    parts += absences(series, comparison)
    return parts.map { $0.hasPrefix("\n") ? $0 : TextColumns.clean($0) }.joined(separator: "\n") + "\n"
  }

  private static func fields(_ comparison: RunComparison) -> String {
    TextColumns.table(
      comparison.fields.map { field in
        [
          ("Differs", ComparisonWording.text(field.meaning)), ("Section", field.section), ("Name", field.name),
        ]
          + zip(comparison.runs, field.values).map { ($0.letter, shortened($1 ?? "–")) }
      })
  }

  private static func figures(_ series: [ComparedSeries], _ comparison: RunComparison) -> String {
    let withRatio = comparison.runs.indices.filter { run in series.contains { $0.figures[run]?.ratio != nil } }
    return TextColumns.table(
      series.map { row in
        var cells = [
          ("Workload", row.workload.description), ("Metric", "\(row.metric), \(row.unit)"),
          ("Mode", row.path.description),
        ]
        for (index, run) in comparison.runs.enumerated() {
          cells.append((run.letter, ComparisonWording.value(row.figures[index])))
          if withRatio.contains(index) {
            cells.append(("\(run.letter) to bare metal", ComparisonWording.ratio(row.figures[index])))
          }
          if index > 0 {
            cells.append(
              ("\(run.letter) to \(comparison.runs[0].letter)", ComparisonWording.change(row.figures[index])))
          }
        }
        return cells
      })
  }

  /// Why figures are absent, where the reason is more than another suite.
  private static func absences(_ series: [ComparedSeries], _ comparison: RunComparison) -> [String] {
    var seen: Set<String> = []
    return series.flatMap { row in
      comparison.runs.compactMap { run -> String? in
        guard let reason = row.absent[run.letter], reason != SeriesTable.notPlanned else { return nil }
        return "\(run.letter): \(row.workload), \(row.path): \(reason)"
      }
    }.filter { seen.insert($0).inserted }
  }

  /// A kernel's command line would push every other column off the screen.
  private static func shortened(_ text: String) -> String {
    text.count > 40 ? "\(text.prefix(39))…" : text
  }
}
