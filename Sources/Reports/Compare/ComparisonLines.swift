import Results

/// Runs side by side in the width of a terminal: a line for each workload and mode, the first run's figure, and how each other run
/// compares with it.
struct ComparisonLines {
  private let series: [ComparedSeries]
  private let comparison: RunComparison

  init(_ series: [ComparedSeries], _ comparison: RunComparison) {
    self.series = series
    self.comparison = comparison
  }

  private static let leastName = 20
  private static let valueWidth = 12

  func screen(_ columns: Int) -> Screen {
    var screen = Screen()
    guard !series.isEmpty else { return screen }
    let others = comparison.runs.dropFirst()
    let change =
      (series.flatMap { row in row.figures.dropFirst().map { ComparisonWording.change($0).count } }.max() ?? 0) + 2
    let wanted = (series.map { Self.name($0).count }.max() ?? 0) + 1
    let room = columns - Self.valueWidth - change * others.count
    let name = min(wanted, max(Self.leastName, room))
    screen.line(
      spans: [
        Screen.Span("\(comparison.runs[0].letter) is 1, higher is better", .strong, width: name),
        Screen.Span(comparison.runs[0].letter, .faint, width: Self.valueWidth),
      ] + others.map { Screen.Span($0.letter, .faint, width: change) })
    for row in series {
      screen.line(
        spans: [
          Screen.Span(Self.name(row), width: name),
          Screen.Span(ComparisonWording.value(row.figures[0]), width: Self.valueWidth),
        ]
          + row.figures.dropFirst().map { figure in
            Screen.Span(
              figure == nil ? "–" : ComparisonWording.change(figure), Self.role(figure), width: change)
          })
    }
    return screen
  }

  private static func name(_ row: ComparedSeries) -> String { "\(row.workload) \(row.metric), \(row.path.short)" }

  /// Only what the interval of two independent runs shows.
  private static func role(_ figure: ComparedSeries.Figure?) -> Screen.Role {
    guard let low = figure?.changeLow, let high = figure?.changeHigh else { return .plain }
    return high < 1 ? .bad : low > 1 ? .good : .plain
  }
}
