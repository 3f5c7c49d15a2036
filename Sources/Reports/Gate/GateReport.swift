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

  /// Plain text for a terminal, worst first. Ends with a newline.
  public static func text(_ verdict: GateVerdict) -> String {
    var lines = [verdict.headline]
    lines += verdict.warnings.map { "! \($0)" }
    lines += verdict.changes.map { "changed: \($0.text)" }
    lines += verdict.findings.map(GateText.line)
    lines += verdict.onlyInHead.map { "only in the head: \($0)" }
    lines.append(GateText.method(verdict))
    return lines.map(TextColumns.clean).joined(separator: "\n") + "\n"
  }
}
