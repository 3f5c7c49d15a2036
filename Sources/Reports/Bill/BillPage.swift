import Bills
import Results

/// `bill.html`: a bill as one offline page, its layers as bars.
enum BillPage {
  static func render(_ bill: Bill) throws(ReportError) -> String {
    let body = try Template.render("bill.html.mustache", View(bill))
    return try Page.html(
      title: "NearMetal: bill, \(bill.run.startedAt)", body: body,
      data: try ReportData(bill, fileName: BillStore.fileName))
  }

  private struct View {
    let title = "NearMetal: what virtualization costs"
    let headline: String
    let facts: [String]
    let titles: [String]
    let rows: [Row]
    let remarks: [String]
    let hasParts: Bool
    let parts: [Part]

    struct Row { let cells: [String] }

    struct Part {
      let name: String
      let plot: String
      let flame: String
      let functions: [Function]
    }

    struct Function {
      let name: String
      let layer: String
      let instructions: String
    }

    init(_ bill: Bill) {
      headline = BillText.headline(bill)
      facts =
        [
          "Host: \(bill.host.version), \(bill.host.processor), \(bill.host.emulator)",
          "Program: \(bill.run.tool.version), revision \(bill.run.tool.revision), a \(bill.run.buildConfiguration.rawValue) build",
        ] + (bill.run.injection.map { ["Slowed on purpose (\($0))"] } ?? [])
        + (bill.run.incomplete.map { ["Only \(bill.run.passes) of 2 passes: \($0)"] } ?? [])
      let measured = bill.lines.filter { $0.status == .ok }
      let cells = measured.map { BillCells.row($0, BillCells.counts(bill), BillCells.layers(bill)) }
      titles = cells.first?.map(\.title) ?? []
      rows = cells.map { Row(cells: $0.map(\.text)) }
      remarks = BillRemarks.of(bill)
      parts = measured.filter { $0.layers != nil }.enumerated().map(Self.part)
      hasParts = !parts.isEmpty
    }

    private static func part(_ index: Int, _ line: BillLine) -> Part {
      let bars = BillLayer.allCases.compactMap { layer in
        line.layers?[layer.rawValue].map { BarsPlot.Bar(name: layer.title, amount: $0, figure: BillCells.number($0)) }
      }
      let plot = BarsPlot(groups: [BarsPlot.Group(name: "", style: "p-\(line.path.mode.rawValue)", bars: bars)])
      return Part(
        name: line.name,
        plot: plot.svg(
          id: "bill-\(index)", title: "\(line.name): instructions by layer",
          description: bars.map { "\($0.name) \($0.figure)" }.joined(separator: ", ")),
        flame: BillStacks(line).map { FlamePlot(stacks: $0).svg(id: "flame-\(index)") } ?? "",
        functions: (line.functions ?? []).prefix(20).map { one in
          Function(
            name: one.name, layer: BillLayer(rawValue: one.layer)?.title ?? one.layer,
            instructions: BillCells.number(one.instructions))
        })
    }
  }
}
