import Results
import Verdicts

/// A run on a terminal: the verdict, the claims, one ratio for each workload and mode, what did not run, what to do next, and the verdict
/// again.
public enum TerminalReport {
  /// Ends with a newline.
  public static func render(_ result: RunResult, _ options: TerminalOptions = TerminalOptions()) -> String {
    var screen = Screen()
    let (headline, role) = (Wording.headline(result), verdictRole(result))
    screen.paragraph(headline, role)
    let warnings = options.showsAll ? Wording.warnings(result) : Wording.urgentWarnings(result)
    for warning in warnings { screen.paragraph("! \(warning)", .doubtful) }
    if !result.claims.isEmpty {
      screen.gap()
      screen.add(ClaimScreen(result.claims, isWide: options.isWide || options.showsAll).lines)
    }
    screen.gap()
    if options.showsAll {
      screen.add(text: RunTables.render(result))
    } else {
      screen.add(ratios(result, options))
      screen.add(figures(result))
    }
    let losses = options.showsAll ? Screen() : losses(result)
    screen.add(losses)
    screen.add(LegRemarks(result).screen(isWhole: options.showsAll))
    // Frames that were lost have the place of the line that parts: the whole stays within a screen.
    if losses.isEmpty { screen.gap() }
    screen.add(NextSteps(result, options).screen)
    screen.paragraph(headline, role)
    return options.text(screen)
  }

  private static func verdictRole(_ result: RunResult) -> Screen.Role {
    result.claims.isEmpty ? .strong : ClaimScreen.role(result.claims)
  }

  /// The ratios of the workloads' headline metrics, to bare metal and to what a suite holds them against.
  private static func ratios(_ result: RunResult, _ options: TerminalOptions) -> Screen {
    let series = WorkloadSeries.all(result)
    let columns = options.isWide ? nil : options.style.columns
    let blocks = "\(result.run.blocks) \(result.run.blocks == 1 ? "block" : "blocks")"
    var screen = Screen()
    // The tool's own machine where it ran: QEMU is there for comparison, and in --all.
    let native = series.flatMap { one in
      let own = one.primaryRatios.filter { $0.path.machine == .nearmetal }
      return own.isEmpty ? one.primaryRatios : own
    }
    if !native.isEmpty {
      let lines = RatioLines(native, cpuTimes: result.cpuTimes)
      screen.add(lines.screen("Bare metal is 1 (\(blocks))", columns: columns))
      if let method = Wording.shortMethod(result) { screen.line(method, .faint) }
    }
    let variants = series.flatMap(\.primaryVariants)
    if !variants.isEmpty {
      screen.gap()
      screen.add(
        RatioLines(variants).screen("\(VariantWording.reference(result)) is 1 (\(blocks))", columns: columns))
    }
    return screen
  }

  /// The headline figures that have no counterpart on bare metal, such as what an exit costs: one after the other.
  private static func figures(_ result: RunResult) -> Screen {
    var others: [String] = []
    var exits: [(text: String, cost: SummaryRecord)] = []
    for series in WorkloadSeries.all(result) where series.primaryRatios.isEmpty {
      let own = series.summaries.filter { $0.metric == series.primary?.name && $0.workload == series.workload }
      guard let first = own.first else { continue }
      let values = own.map { summary in
        (summary.path.machine == .nearmetal ? "" : "\(summary.path.machine.rawValue) ") + value(summary)
      }.joined(separator: ", ")
      if first.metric == "cost", series.title.hasPrefix("exits.") {
        exits.append(("\(series.title.dropFirst("exits.".count)) \(values)", first))
      } else {
        let isNamed = first.metric.hasPrefix("\(series.workload.id).")
        others.append("\(isNamed ? "" : "\(series.title) ")\(first.metric) \(values)")
      }
    }
    if !exits.isEmpty { others.append(exitCosts(exits, isWhole: result.comparisons.isEmpty)) }
    var screen = Screen()
    if !others.isEmpty {
      screen.paragraph("Without a native counterpart: \(others.joined(separator: "; ")).")
    }
    return screen
  }

  /// - Parameter isWhole: every kind; else the first, and how far the others reach.
  private static func exitCosts(_ exits: [(text: String, cost: SummaryRecord)], isWhole: Bool) -> String {
    let others = exits.dropFirst().map(\.cost).sorted { $0.mean < $1.mean }
    guard !isWhole, others.count > 1, let least = others.first, let most = others.last else {
      return "exits cost \(exits.map(\.text).joined(separator: "; "))"
    }
    return "exits cost \(exits[0].text); \(others.count) other kinds \(value(least)) to \(value(most)) (--all)"
  }

  private static func value(_ summary: SummaryRecord) -> String {
    summary.unit == "ns" ? Figure.duration(summary.mean) : "\(Figure.value(summary.mean)) \(summary.unit)"
  }

  /// Frames that did not arrive as they were sent, where there were any.
  private static func losses(_ result: RunResult) -> Screen {
    var screen = Screen()
    for summary in result.summaries where summary.metric.hasPrefix("frames.") && summary.mean != 0 {
      screen.line(
        "\(summary.metric) \(Figure.value(summary.mean)) a leg: \(summary.workload), \(summary.path)", .doubtful)
    }
    return screen
  }
}
