import Reports
import Results

extension Display {
  /// A run on standard output.
  /// - Parameter directory: where its report is; nil where it has none.
  func show(_ result: RunResult, in directory: String?) throws {
    switch format {
    case .text: try printScreen(TerminalReport.render(result, options(in: directory)))
    case .json: try printJSON(bytes: ResultStore.encode(result))
    case .csv: try printCSV(ReportWriter.summaryTable(result))
    case .markdown:
      let text: String
      do throws(ReportError) { text = try ReportWriter.summaryText(result) } catch { throw end(error) }
      try printText(text)
    }
  }
}
