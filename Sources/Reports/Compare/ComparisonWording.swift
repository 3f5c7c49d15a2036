/// What may be said about runs side by side.
enum ComparisonWording {
  /// The first sentence.
  static func headline(_ comparison: RunComparison) -> String {
    let names = comparison.runs.map(\.letter)
    let runs = names.count == 1 ? "One run" : "\(names.count) runs"
    guard comparison.isShared || names.count == 1 else {
      return "\(runs) that have no figure in common: nothing can be held side by side."
    }
    let critical = comparison.fields.filter { $0.meaning == .incomparable }.map(\.name)
    if critical.isEmpty { return "\(runs), comparable: same host, suite, placement and kind of build." }
    let shown = critical.prefix(4).joined(separator: ", ")
    let rest = critical.count > 4 ? " and \(critical.count - 4) more" : ""
    return
      "\(runs), not comparable: they differ in \(shown)\(rest). What follows shows them side by side; it proves nothing."
  }

  /// `A: out, suite quick on AMD EPYC, host 2ea99bdfc77d14ae, 5 blocks, begun 2026-11-23T17:40:58Z`.
  static func line(_ run: ComparedRun) -> String {
    let processor = run.processor.map { " on \($0)" } ?? ""
    let blocks = run.blocks == 1 ? "1 block" : "\(run.blocks) blocks"
    return "\(run.letter): \(run.path), suite \(run.suite)\(processor), host \(run.fingerprint), \(blocks), "
      + "begun \(run.startedAt)"
  }

  static func text(_ meaning: ComparedField.Meaning) -> String {
    switch meaning {
    case .incomparable: "incomparable"
    case .subject: "may be under test"
    case .other: ""
    }
  }

  static func value(_ figure: ComparedSeries.Figure?) -> String {
    figure.map { Figure.value($0.value) } ?? "–"
  }

  static func ratio(_ figure: ComparedSeries.Figure?) -> String {
    figure?.ratio.map { Figure.ratio($0, low: figure?.low, high: figure?.high) } ?? ""
  }

  static func change(_ figure: ComparedSeries.Figure?) -> String {
    figure?.change.map { Figure.ratio($0, low: figure?.changeLow, high: figure?.changeHigh) } ?? ""
  }
}
