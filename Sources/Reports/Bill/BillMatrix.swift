import Bills
import LinuxSystem
import Results

/// Several bills side by side: a row for each line, a column for each bill.
public struct BillMatrix {
  public struct Column {
    public let name: String
    public let bill: Bill

    public init(name: String, bill: Bill) { (self.name, self.bill) = (name, bill) }
  }

  private let columns: [Column]

  /// - Parameter columns: at least one.
  public init(_ columns: [Column]) { self.columns = columns }

  /// Names of all lines, in the order in which the bills have them.
  private var names: [String] {
    var seen: Set<String> = []
    return columns.flatMap { $0.bill.lines.map(\.name) }.filter { seen.insert($0).inserted }
  }

  private func figure(_ name: String, _ column: Column) -> BillFigure? {
    column.bill.lines.first { $0.name == name }?.instructions
  }

  private var rows: [[(title: String, text: String)]] {
    names.filter { name in columns.contains { figure(name, $0) != nil } }.map { name in
      [("Workload", name)] + columns.map { ($0.name, figure(name, $0).map(BillCells.figure) ?? "") }
    }
  }

  /// Plain text for a terminal.
  public var text: String { rows.isEmpty ? "no line was measured\n" : TextColumns.table(rows) }

  /// `matrix.md` and `matrix.csv`.
  public func write(to directory: String) throws(ReportError) {
    let table = CSV.text(
      header: ["workload"] + columns.map(\.name),
      rows: names.map { name in [name] + columns.map { CSV.number(figure(name, $0)?.value) } })
    try BillReport.write(
      [
        GateReport.File(name: "matrix.md", bytes: [UInt8](BillMarkdown.render(rows).utf8)),
        GateReport.File(name: "matrix.csv", bytes: [UInt8](table.utf8)),
      ], to: directory)
  }
}
