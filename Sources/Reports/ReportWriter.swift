import History
import LinuxSystem
import Results

/// The derived files of a run's directory. No clock, no host and no locale is asked for them.
public enum ReportWriter {
  /// A derived file.
  public struct File: Sendable, Equatable {
    public let name: String
    public let bytes: [UInt8]
  }

  /// The text of `summary.csv`.
  public static func summaryTable(_ result: RunResult) -> String { SummaryTable.csv(result) }

  /// The text of `summary.md`.
  public static func summaryText(_ result: RunResult) throws(ReportError) -> String {
    try MarkdownReport.render(result)
  }

  /// Every derived file, in the order in which they are written; `history` is what the page shows of earlier runs.
  public static func render(_ result: RunResult, history: [HistorySeries] = []) throws(ReportError) -> [File] {
    let texts = [
      ("samples.csv", SamplesTable.csv(result)),
      ("summary.csv", SummaryTable.csv(result)),
      ("environment.csv", EnvironmentTable.csv(result)),
      ("summary.md", try MarkdownReport.render(result)),
      ("junit.xml", JUnitReport.render(result)),
      ("report.html", try HTMLReport.render(result, history: history)),
    ]
    return texts.map { File(name: $0.0, bytes: [UInt8]($0.1.utf8)) }
  }

  /// Writes every derived file into a directory, with the history that lies there; each is either the old one or the new one, whatever happens.
  public static func writeAll(_ result: RunResult, to directory: String) throws(ReportError) {
    for file in try render(result, history: try HistoryFile.read(directory)) {
      do throws(FileError) {
        try AtomicFile.write(file.bytes, to: "\(directory)/\(file.name)")
      } catch {
        throw .file(error)
      }
    }
  }

  /// Makes the derived files anew from a directory's `result.json` and compares them with those that lie there; and
  /// `result.json` itself with the bytes that its own values are written as.
  ///
  /// - Returns: names of the files that differ or are absent; empty where every byte agrees.
  public static func check(_ directory: String) throws(ReportError) -> [String] {
    let result: RunResult
    do throws(DocumentReadError) { result = try ResultStore.read(directory) } catch { throw .result(error) }
    var differing: [String] = []
    do {
      if try AtomicFile.read("\(directory)/\(ResultStore.fileName)") != ResultStore.encode(result) {
        differing.append(ResultStore.fileName)
      }
    } catch let error as FileError {
      throw .file(error)
    } catch {
      // A value that cannot be written again was not written by this version.
      differing.append(ResultStore.fileName)
    }
    for file in try render(result, history: try HistoryFile.read(directory)) {
      let path = "\(directory)/\(file.name)"
      guard AtomicFile.exists(path) else {
        differing.append(file.name)
        continue
      }
      do throws(FileError) {
        if try AtomicFile.read(path) != file.bytes { differing.append(file.name) }
      } catch {
        throw .file(error)
      }
    }
    return differing
  }
}
