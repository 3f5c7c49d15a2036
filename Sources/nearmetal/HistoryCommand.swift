import ArgumentParser
import Bills
import History
import Results

/// `nearmetal history`.
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Keeps what runs found, and says where it changed.",
    discussion: "Example: nearmetal history add out && nearmetal history changes --workload block.randread",
    subcommands: [Add.self, List.self, Show.self, Changes.self, Merge.self, Prune.self])

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
      commandName: "add",
      abstract: "Adds the results of runs, and bills; those that are there already stay as they are.",
      discussion: """
        Any number of these may go on at a time: they take turns at the file. What cannot be read and what says nothing about its host is named \
        and left out.

        Exit status: 0 all of it is there; 3 some was left out; 64 there was none; 74 the file cannot be written.

        Example: nearmetal history add nearmetal-runs/*
        """)
    @Argument(help: "Directories with a result.json or a bill.json.")
    var directories: [String]
    @Option(
      help: "What the host is called, where several are alike: its series are kept apart then, as FINGERPRINT/NAME.")
    var name: String?
    @OptionGroup var location: Location

    /// Results that are in memory at a time, and in one transaction.
    private static let batch = 32

    func validate() throws {
      guard let name else { return }
      guard name.wholeMatch(of: /[A-Za-z0-9._-]+/) != nil else {
        throw ValidationError("--name: expected letters, digits, ., _ and -, found \(name)")
      }
    }

    func run() throws {
      var leftOut = 0
      var store: HistoryStore?
      for start in stride(from: 0, to: directories.count, by: Self.batch) {
        var results: [RunResult] = []
        for directory in directories[start..<min(start + Self.batch, directories.count)] {
          do throws(Problem) {
            var result = try Self.read(directory)
            if let name { result.host.fingerprint += "/\(name)" }
            results.append(result)
          } catch {
            guard directories.count > 1 else { throw end(Status.usage, error.line) }
            say("left out: \(error.line)")
            leftOut += 1
          }
        }
        if results.isEmpty { continue }
        let open = try store ?? location.open(creating: true)
        store = open
        do throws(HistoryError) {
          for (result, isNew) in zip(results, try open.add(results)) {
            printLine("\(result.run.id): \(isNew ? "added" : "was there already")")
          }
        } catch { throw end(error) }
      }
      if store == nil { throw end(Status.usage, "none of the \(directories.count) results could be added") }
      if leftOut > 0 {
        throw end(Status.incompleteWorkload, "\(leftOut) of \(directories.count) results were left out")
      }
    }

    /// A result, without the legs that a history does not keep.
    private static func read(_ directory: String) throws(Problem) -> RunResult {
      var result: RunResult
      do throws(DocumentReadError) {
        result =
          BaselineCommand.isBill(directory) ? try BillStore.read(directory).result : try ResultStore.read(directory)
      } catch { throw Problem(line: "\(error)") }
      do throws(HistoryError) { try HistoryStore.check(result) } catch { throw Problem(line: "\(error)") }
      result.legs = []
      return result
    }
  }

  /// Why a result does not get into a history.
  private struct Problem: Error {
    let line: String
  }

  struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "merge",
      abstract: "Adds the runs of other histories; those that are there already stay as they are.",
      discussion: "Example: nearmetal history merge rack1.sqlite rack2.sqlite --database all.sqlite")
    @Argument(help: "SQLite files of other histories.")
    var histories: [String]
    @OptionGroup var location: Location

    func run() throws {
      let store = try location.open(creating: true)
      for history in histories {
        do throws(HistoryError) { printLine("\(history): \(try store.merge(history)) runs added") } catch {
          throw end(error)
        }
      }
    }
  }

  struct Prune: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "prune",
      abstract:
        "Removes old runs and their figures. What is to be kept elsewhere: history show --all --format csv before.",
      discussion: """
        The file does not get smaller: later runs take the room.

        Example: nearmetal history prune --before 2025-01-01
        """)
    @Option(help: "Runs that began before this time go: a date, or the beginning of one, such as 2025-01.")
    var before: String
    @OptionGroup var location: Location

    func validate() throws {
      guard before.wholeMatch(of: /\d{4}(-\d\d(-\d\d(T[0-9:]+Z)?)?)?/) != nil else {
        throw ValidationError("--before: expected a date such as 2025-01-01, found \(before)")
      }
    }

    func run() throws {
      let store = try location.open(creating: false)
      do throws(HistoryError) { printLine("\(try store.removeRuns(before: before)) runs removed") } catch {
        throw end(error)
      }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
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
      commandName: "show",
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
      commandName: "changes",
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
      let store = try location.open(creating: false)
      let changes: HistoryStore.Changes
      do throws(HistoryError) {
        changes = try store.changes(selection.filter, minimumSegment: minimumSegment)
      } catch { throw end(error) }
      switch selection.display.format {
      case .json: try printJSON(changes.changed)
      case .text: try printScreen(HistoryText.render(changes, minimumSegment, selection.display.options()))
      case .csv, .markdown: try selection.display.print(HistoryText.changes(changes.changed))
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
