import Bills
import Results

/// `bill.csv`: a row for every figure of every line, each pass in a column.
enum BillTable {
  static func render(_ bill: Bill) -> String {
    CSV.text(
      header: [
        "workload", "parameters", "machine", "mode", "status", "reason", "figure", "unit", "pass1", "pass2", "width",
      ],
      rows: bill.lines.flatMap(rows))
  }

  private static func rows(_ line: BillLine) -> [[String]] {
    let head = [
      line.workload.id, line.workload.parameterText, line.path.machine.rawValue, line.path.mode.rawValue,
      line.status.rawValue, line.reason ?? "",
    ]
    func row(_ name: String, _ unit: String, _ figure: BillFigure) -> [String] {
      let passes = (0..<2).map { $0 < figure.passes.count ? CSV.number(figure.passes[$0]) : "" }
      return head + [name, unit] + passes + [CSV.number(figure.width)]
    }
    guard let instructions = line.instructions else { return [head + ["", "", "", "", ""]] }
    var rows = [row("instructions", "instructions", instructions)]
    if let mean = line.mean { rows.append(row("instructions.mean", "instructions", mean)) }
    if let operations = line.operations { rows.append(row("operations", "operations", operations)) }
    rows += BillCount.allCases.compactMap { count in
      line.counts[count.rawValue].map { row(count.rawValue, "1/op", $0) }
    }
    rows += BillLayer.allCases.compactMap { layer in
      line.layers?[layer.rawValue].map { row("layer.\(layer.rawValue)", "instructions", BillFigure([$0])) }
    }
    return rows
  }
}
