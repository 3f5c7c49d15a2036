import ArgumentParser
import History
import LinuxSystem
import Reports
import Results
import Runner

/// `nearmetal report`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Makes every derived file of a run anew from its result.json, or its journal.",
    discussion: """
      --history keeps what earlier runs of the same host measured in history.json beside the result, and the page shows it:
      ratios over the runs, with the places where they changed.

      Examples:
        nearmetal report out
        nearmetal report out --all
        nearmetal report out --format csv > ratios.csv
        nearmetal report out --check
        nearmetal report out --history
      """)

  @Argument(help: "The run's directory.")
  var directory: String
  @Flag(help: "Write nothing; say which files differ from what would be written.")
  var check = false
  @Flag(help: "Put the history of this host (see nearmetal history) into the page.")
  var history = false

  @OptionGroup var display: Display

  mutating func validate() throws {
    if check && history { throw ValidationError("--check writes nothing, and --history writes: give one of them") }
  }

  func run() throws {
    do {
      if check {
        let different = try ReportWriter.check(directory)
        guard different.isEmpty else {
          throw end(Status.failedVerdict, "differ from \(directory)/result.json: \(different.joined(separator: ", "))")
        }
        printLine("identical")
      } else {
        let result = try readResult()
        if history { try keepHistory(of: result) }
        try ReportWriter.writeAll(result, to: directory)
        try display.show(result, in: directory)
      }
    } catch let code as ExitCode {
      throw code
    } catch {
      throw end(error)
    }
  }

  /// The run's result; made of its journal where whatever ended the run left no other.
  private func readResult() throws -> RunResult {
    guard !AtomicFile.exists("\(directory)/\(ResultStore.fileName)"), KeptRun.isIn(directory) else {
      return try ResultStore.read(directory)
    }
    let kept = try KeptRun.read(directory)
    let result = kept.concluded(claims: try Tool.claims())
    try ResultStore.write(result, to: directory)
    say(
      "the run did not come to its end: this is what its journal kept, \(kept.blocks) whole blocks, \(result.legs.count) legs; "
        + "nearmetal run --resume \(directory) goes on")
    return result
  }

  private func keepHistory(of result: RunResult) throws {
    let store = try HistoryStore(path: HistoryLocation.path(), creating: false)
    let series = try store.series(HistoryFilter(host: result.host.fingerprint))
    try HistoryFile.write(series, of: result, to: directory)
  }
}
