import ArgumentParser
import Bills
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
    @OptionGroup var display: Display

    var filter: HistoryFilter {
      HistoryFilter(workload: workload, metric: metric, mode: mode, host: host, revision: revision)
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Adds the results of runs, and bills; those that are there already stay as they are.",
      discussion: "Example: nearmetal history add nearmetal-runs/*")
    @Argument(help: "Directories with a result.json or a bill.json.")
    var directories: [String]
    @OptionGroup var location: Location

    func run() throws {
      let results = try directories.map { directory in
        if let bill = try BaselineCommand.bill(directory) { return bill.result }
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
      switch selection.display.format {
      case .json: try printJSON(runs)
      case .text: try printScreen(HistoryText.render(runs, selection.display.options()))
      case .csv, .markdown: try selection.display.print(HistoryText.table(runs))
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
      switch selection.display.format {
      case .json: try printJSON(series)
      case .text: try printScreen(HistoryText.render(series, selection.display.options()))
      case .csv, .markdown: try selection.display.print(HistoryText.table(series))
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
      switch selection.display.format {
      case .json: try printJSON(changed)
      case .text:
        try printScreen(
          HistoryText.render(changed: changed, of: series, minimumSegment, selection.display.options()))
      case .csv, .markdown: try selection.display.print(HistoryText.changes(changed))
      }
    }
  }

  fileprivate static func series(_ location: Location, _ selection: Selection) throws -> [HistorySeries] {
    let store = try location.open(creating: false)
    do throws(HistoryError) { return try store.series(selection.filter) } catch {
      throw end(error)
    }
  }
}
