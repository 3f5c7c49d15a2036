import Bills
import LinuxSystem
import Results

/// The files of a bill, made from it alone.
public enum BillReport {
  /// `bill.json`, `bill.csv`, `bill.md`, `bill.html` and `bill.folded`, stacks for tools that draw flame graphs.
  public static func files(_ bill: Bill) throws(ReportError) -> [GateReport.File] {
    [
      GateReport.File(name: BillStore.fileName, bytes: try json(bill)),
      GateReport.File(name: "bill.csv", bytes: [UInt8](BillTable.render(bill).utf8)),
      GateReport.File(name: "bill.md", bytes: [UInt8](BillMarkdown.render(bill).utf8)),
      GateReport.File(name: "bill.html", bytes: [UInt8](try BillPage.render(bill).utf8)),
      GateReport.File(name: "bill.folded", bytes: [UInt8](BillStacks.folded(bill).utf8)),
    ]
  }

  /// Writes the files into a directory, which is made where it is absent.
  public static func writeAll(_ bill: Bill, to directory: String) throws(ReportError) {
    try write(files(bill), to: directory)
  }

  /// `bill-diff.json`, `bill-diff.md` and `junit.xml` of a comparison.
  public static func files(_ comparison: BillComparison) throws(ReportError) -> [GateReport.File] {
    [
      GateReport.File(name: "bill-diff.json", bytes: try json(comparison)),
      GateReport.File(name: "bill-diff.md", bytes: [UInt8](BillMarkdown.render(comparison).utf8)),
      GateReport.File(name: "junit.xml", bytes: [UInt8](BillJUnit.render(comparison).utf8)),
    ]
  }

  public static func writeAll(_ comparison: BillComparison, to directory: String) throws(ReportError) {
    try write(files(comparison), to: directory)
  }

  private static func json(_ value: some Encodable) throws(ReportError) -> [UInt8] {
    do throws(JSONProblem) { return try JSONText.encode(value) } catch {
      throw .template(name: BillStore.fileName, reason: "\(error)")
    }
  }

  static func write(_ files: [GateReport.File], to directory: String) throws(ReportError) {
    do throws(FileError) {
      try AtomicFile.makeDirectory(directory)
      for file in files { try AtomicFile.write(file.bytes, to: "\(directory)/\(file.name)") }
    } catch { throw .file(error) }
  }
}
