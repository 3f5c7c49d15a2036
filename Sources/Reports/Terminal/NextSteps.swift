import LinuxSystem
import Results
import Verdicts

/// What to do after a run: commands that work as they are.
struct NextSteps {
  private let steps: [(what: String, how: String)]

  init(_ result: RunResult, _ options: TerminalOptions) {
    guard let directory = options.directory else {
      steps = []
      return
    }
    let place = ShellText.command([directory])
    let page = ShellText.command([Self.joined(directory, "report.html")])
    var steps = [("report", options.showsAll ? page : "\(page); here: \(options.command) report \(place) --all")]
    if result.run.interrupted {
      steps.append(("go on", "\(options.command) run --resume \(place)"))
    } else {
      let isExplained = result.legs.contains { leg in
        leg.status == .ok && leg.workload.id.hasPrefix("block.") && !leg.path.isNative
      }
      if isExplained { steps.append(("where the time goes", "\(options.command) explain \(place)")) }
      let open = result.claims.count { $0.verdict == .inconclusive && $0.reason == nil }
      if open > 0, result.run.command.count > 2 {
        let suite = ShellText.command([result.run.suite])
        steps.append(
          ("decide \(open) more", "\(options.command) run \(suite) --until decided --at-most 10m --output out2"))
      }
    }
    self.steps = steps
  }

  private static func joined(_ directory: String, _ name: String) -> String {
    directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
  }

  /// A line a step; nothing where the place of the result is not known.
  var screen: Screen {
    var screen = Screen()
    let width = (steps.map(\.what.count).max() ?? 0) + 2
    for step in steps { screen.line(Screen.Span(step.what, .faint, width: width), Screen.Span(step.how)) }
    return screen
  }
}
