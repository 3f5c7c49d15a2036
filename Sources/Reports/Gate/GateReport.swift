import LinuxSystem
import Results
import Verdicts

/// The gate's verdict for people and for CI systems, made from the verdict alone.
public enum GateReport {
  /// A file that a gate leaves behind.
  public struct File: Sendable, Equatable {
    public let name: String
    public let bytes: [UInt8]
  }

  /// `gate.json`: one verdict, keys sorted, one newline at the end.
  public static func json(_ verdict: GateVerdict) throws(ReportError) -> [UInt8] {
    do throws(JSONProblem) { return try JSONText.encode(verdict) } catch {
      throw .template(name: "gate.json", reason: "\(error)")
    }
  }

  /// `gate.json`, `summary.md` and `junit.xml`.
  public static func files(_ verdict: GateVerdict) throws(ReportError) -> [File] {
    [
      File(name: "gate.json", bytes: try json(verdict)),
      File(name: "summary.md", bytes: [UInt8](GateSummary.render(verdict).utf8)),
      File(name: "junit.xml", bytes: [UInt8](GateJUnit.render(verdict).utf8)),
    ]
  }

  /// Writes the files into a directory, which is made where it is absent.
  public static func writeAll(_ verdict: GateVerdict, to directory: String) throws(ReportError) {
    for file in try files(verdict) {
      do throws(FileError) {
        try AtomicFile.makeDirectory(directory)
        try AtomicFile.write(file.bytes, to: "\(directory)/\(file.name)")
      } catch { throw .file(error) }
    }
  }

  /// Plain text for a terminal: the verdict, what is other than it was, worst first, and the verdict again. Ends with a newline.
  public static func text(_ verdict: GateVerdict, _ options: TerminalOptions = TerminalOptions()) -> String {
    options.text(GateScreen(verdict, options).screen)
  }

  /// A row for every comparison.
  public static func table(_ verdict: GateVerdict) -> DataTable {
    DataTable(
      header: [
        "outcome", "basis", "workload", "parameters", "metric", "unit", "machine", "mode", "base", "head", "ratio",
        "low", "high",
        "base_blocks", "head_blocks", "p_regression", "p_improvement", "difference", "remark",
      ],
      rows: verdict.findings.map { one in
        [
          one.outcome.rawValue, one.basis?.rawValue ?? "", one.workload.id, one.workload.parameterText, one.metric,
          one.unit,
          one.path.machine.rawValue, one.path.mode.rawValue, CSV.number(one.base), CSV.number(one.head),
          CSV.number(one.ratio), CSV.number(one.low), CSV.number(one.high), "\(one.baseBlocks)", "\(one.headBlocks)",
          CSV.number(one.regressionProbability), CSV.number(one.improvementProbability), CSV.number(one.difference),
          GateText.remark(one),
        ]
      })
  }
}
