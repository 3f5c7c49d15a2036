import Results

/// Runs side by side as plain text for a terminal.
public enum ComparisonText {
  /// The verdict on whether they may be held side by side, what differs, the figures, and the verdict again. Ends with a newline.
  public static func render(_ comparison: RunComparison, _ options: TerminalOptions = TerminalOptions()) -> String {
    var screen = Screen()
    let headline = ComparisonWording.headline(comparison)
    let role: Screen.Role = !comparison.isShared ? .bad : comparison.isComparable ? .good : .doubtful
    screen.paragraph(headline, role)
    for run in comparison.runs { screen.line(ComparisonWording.line(run)) }
    let fields = comparison.fields.filter { options.showsAll || $0.meaning != .other }
    if !fields.isEmpty { screen.add(text: self.fields(fields, comparison)) }
    let hidden = comparison.fields.count - fields.count
    if hidden > 0 { screen.line("and \(hidden) of no consequence for the figures (--all)", .faint) }
    let series = comparison.series.filter { options.showsAll || $0.isHeadline }
    if options.showsAll || options.isWide {
      if !series.isEmpty { screen.add(text: figures(series, comparison)) }
    } else {
      screen.gap()
      screen.add(ComparisonLines(series, comparison).screen(options.style.columns))
    }
    for line in absences(series, comparison) { screen.line(line) }
    screen.gap()
    screen.paragraph(headline, role)
    return options.text(screen)
  }

  /// A row for every metric of every run.
  public static func table(_ comparison: RunComparison) -> DataTable {
    DataTable(
      header: [
        "run", "path", "workload", "parameters", "metric", "unit", "machine", "mode", "value", "blocks", "ratio", "low",
        "high",
        "change", "change_low", "change_high", "absent",
      ],
      rows: comparison.series.flatMap { series in
        comparison.runs.enumerated().map { index, run in
          let figure = series.figures[index]
          return [
            run.letter, run.path, series.workload.id, series.workload.parameterText, series.metric, series.unit,
            series.path.machine.rawValue, series.path.mode.rawValue, CSV.number(figure?.value),
            figure.map { "\($0.blocks)" } ?? "", CSV.number(figure?.ratio), CSV.number(figure?.low),
            CSV.number(figure?.high), CSV.number(figure?.change), CSV.number(figure?.changeLow),
            CSV.number(figure?.changeHigh), series.absent[run.letter] ?? "",
          ]
        }
      })
  }

  private static func fields(_ fields: [ComparedField], _ comparison: RunComparison) -> String {
    TextColumns.table(
      fields.map { field in
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
