import ArgumentParser
import LinuxSystem
import Reports
import Results
import Runner
import Synchronization

/// Where a run keeps what it measures, for whoever stops it.
final class Kept: Sendable {
  private let place = Mutex<String?>(nil)

  var directory: String? {
    get { place.withLock { $0 } }
    set { place.withLock { $0 = newValue } }
  }

  /// What becomes of the work now.
  var sentence: String {
    directory.map {
      "stopping after what runs now: every whole block is kept in \($0), and \(Tool.command) run --resume \($0) goes on"
    } ?? "stopping: nothing was measured yet"
  }
}

/// What becomes of what a run measured: while it goes on, at its end, and where its directory cannot take it.
extension RunCommand {
  /// Makes ready to keep what the run measures.
  func journal(of run: Run, in directory: String, _ kept: KeptRun?) throws -> RunJournal {
    let complain = { (error: FileError) in say("\(error) What is measured from here on is kept at the end alone.") }
    do {
      if let kept { return try RunJournal(resuming: kept, in: directory, onFailure: complain) }
      try ResultStore.prepare(directory, replacing: replace, legs: run.legCount)
      return try RunJournal(beginning: run.begun, in: directory, onFailure: complain)
    } catch { throw end(error) }
  }

  /// - Returns: how the program ends once the result is shown; nil where everything could be written.
  func write(_ result: RunResult, to directory: String) -> ExitCode? {
    do throws(ResultWriteError) { try ResultStore.write(result, to: directory, replacing: replace) } catch {
      return end(
        error, keptElsewhere(result) ?? "What was measured is on standard output alone (--format json keeps all of it)."
      )
    }
    if !result.run.interrupted { RunJournal.remove(from: directory) }
    if report == .none { return nil }
    do throws(ReportError) { try ReportWriter.writeAll(result, to: directory) } catch {
      return end(error, "\(directory)/result.json is kept: nearmetal report \(directory) makes the rest of it.")
    }
    return nil
  }

  /// Keeps a result that its own directory cannot take where there is room.
  /// - Returns: where it is, as a sentence; nil where there is no such place.
  private func keptElsewhere(_ result: RunResult) -> String? {
    // In folders that others write to, a name that nobody can foresee.
    let name = "nearmetal-\(result.run.id)-\(String(UInt64.random(in: 0...(.max)), radix: 36))"
    for folder in ["\(UserFolder.state.path())/nearmetal/runs", "/var/tmp", "/tmp", "/dev/shm"] {
      let directory = "\(folder)/\(name)"
      do throws(ResultWriteError) { try ResultStore.write(result, to: directory) } catch { continue }
      return "The result is kept in \(directory): nearmetal report \(directory) makes the rest of it."
    }
    return nil
  }
}
