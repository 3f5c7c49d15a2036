import ArgumentParser
import Foundation
import History
import Results

/// `nearmetal history`.
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Keeps what runs found, and says where it changed.",
    discussion: "Example: nearmetal history add out && nearmetal history changes --workload block.randread",
    subcommands: [Add.self, List.self, Show.self, Changes.self])

  /// Where the history is.
  struct Location: ParsableArguments {
    @Option(help: "The SQLite file; by default nearmetal/history.sqlite in $XDG_DATA_HOME or ~/.local/share.")
    var database: String?

    func open(creating: Bool) throws -> HistoryStore {
      do throws(HistoryError) {
        return try HistoryStore(path: database ?? HistoryLocation.path(), creating: creating)
      } catch { throw end(error) }
    }
  }

  /// What of it is meant.
  struct Selection: ParsableArguments {
    @Option(help: "Only this workload, such as block.randread.")
    var workload: String?
    @Option(help: "Only this metric, such as iops.")
    var metric: String?
    @Option(help: "Only this mode, such as polled.")
    var mode: String?
    @Option(help: "Only this host: its fingerprint or the beginning of it.")
    var host: String?
    @Option(help: "Only runs of this revision or those whose revision begins so.")
    var revision: String?
    @Option(help: "text or json.")
    var format = OutputFormat.text

    var filter: HistoryFilter {
      HistoryFilter(workload: workload, metric: metric, mode: mode, host: host, revision: revision)
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Adds the results of runs; those that are there already stay as they are.",
      discussion: "Example: nearmetal history add nearmetal-runs/*")
    @Argument(help: "Directories with a result.json.")
    var directories: [String]
    @OptionGroup var location: Location

    func run() throws {
      let results = try directories.map { directory in
        do throws(ResultReadError) { return try ResultStore.read(directory) } catch {
          throw end(error)
        }
      }
      let store = try location.open(creating: true)
      do throws(HistoryError) {
        for (result, isNew) in zip(results, try store.add(results)) {
          printLine("\(result.run.id): \(isNew ? "added" : "was there already")")
        }
      } catch { throw end(error) }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists the runs.", discussion: "Example: nearmetal history list --mode polled")
    @OptionGroup var location: Location
    @OptionGroup var selection: Selection

    func run() throws {
      let runs = try self.runs()
      if selection.format == .json { return try printJSON(runs) }
      for run in runs {
        let state = run.interrupted ? ", interrupted" : ""
        printLine(
          "\(run.startedAt) \(run.id): \(run.suite), \(run.blocks) blocks\(state), revision \(run.revision), host \(run.host) "
            + "(\(run.backend)\(run.kernel.map { ", \($0)" } ?? ""))")
      }
    }

    private func runs() throws -> [HistoryRun] {
      let store = try location.open(creating: false)
      do throws(HistoryError) { return try store.runs(selection.filter) } catch {
        throw end(error)
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows the figures over the runs.",
      discussion: "Example: nearmetal history show --workload block.randread")
    @OptionGroup var location: Location
    @OptionGroup var selection: Selection

    func run() throws {
      let series = try HistoryCommand.series(location, selection)
      if selection.format == .json { return try printJSON(series) }
      for one in series {
        printLine(HistoryText.title(one))
        for point in one.points { printLine("  \(HistoryText.line(point))") }
      }
    }
  }

  struct Changes: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says from which run on figures are different. Advice where to look, not a verdict.",
      discussion: "Example: nearmetal history changes --metric iops --minimum-segment 4")
    @OptionGroup var location: Location
    @OptionGroup var selection: Selection
    @Option(help: "Runs on each side of a change, at least 2.")
    var minimumSegment = 5

    func validate() throws {
      guard minimumSegment >= 2 else {
        throw ValidationError("--minimum-segment: expected a whole number from 2, found \(minimumSegment)")
      }
    }

    func run() throws {
      var series = try HistoryCommand.series(location, selection)
      for index in series.indices { series[index].detectChanges(minimumSegment: minimumSegment) }
      let changed = series.filter { !$0.changes.isEmpty }
      if selection.format == .json { return try printJSON(changed) }
      for one in changed {
        printLine(HistoryText.title(one))
        for change in one.changes { printLine("  \(HistoryText.line(change, in: one))") }
      }
      let short = series.count { $0.points.count < 2 * minimumSegment }
      printLine("\(changed.count) of \(series.count) series changed", terminator: "")
      printLine(short > 0 ? "; \(short) have fewer than the \(2 * minimumSegment) runs that a change takes" : "")
    }
  }

  fileprivate static func series(_ location: Location, _ selection: Selection) throws -> [HistorySeries] {
    let store = try location.open(creating: false)
    do throws(HistoryError) { return try store.series(selection.filter) } catch {
      throw end(error)
    }
  }
}

/// Lines about a history.
private enum HistoryText {
  static func title(_ series: HistorySeries) -> String {
    let kind = series.reference.map { "ratio to \($0.rawValue)" } ?? series.unit
    return
      "\(series.workload) \(series.metric), \(series.path.machine.rawValue) \(series.path.mode.rawValue), host \(series.host), \(kind)"
  }

  static func line(_ point: HistoryPoint) -> String {
    let interval = point.low.flatMap { low in point.high.map { " [\(figure(low)), \(figure($0))]" } } ?? ""
    return "\(point.startedAt) \(point.run) revision \(point.revision): \(figure(point.value))\(interval)"
  }

  static func line(_ change: HistoryChange, in series: HistorySeries) -> String {
    let percent = (change.relative * 1000).rounded() / 10
    let from = "from \(series.points[change.index].startedAt), run \(change.run)"
    return
      "\(from): \(figure(change.before)) to \(figure(change.after)) (\(percent > 0 ? "+" : "")\(percent) %), after revision "
      + "\(change.previousRevision), by \(change.revision); p = \(figure(change.probability))"
  }

  /// Four significant digits.
  private static func figure(_ value: Double) -> String { String(format: "%.4g", value) }
}
