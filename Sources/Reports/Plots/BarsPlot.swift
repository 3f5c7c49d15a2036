/// Bars on one linear axis from zero, a row each, in groups with a heading.
struct BarsPlot {
  struct Bar {
    let name: String
    /// Not below zero.
    let amount: Double
    let figure: String
  }

  struct Group {
    let name: String
    /// A class of the page's style that gives the bars their colour.
    let style: String
    let bars: [Bar]
  }

  let groups: [Group]

  private static let width = 380.0
  private static let (left, right, labelEnd) = (134.0, 310.0, 126.0)
  private static let (rowHeight, headHeight) = (20.0, 24.0)

  func svg(id: String, title: String, description: String) -> String {
    let rows = groups.reduce(0) { $0 + $1.bars.count }
    var svg = SVG(
      width: Self.width, height: Double(groups.count) * Self.headHeight + Double(rows) * Self.rowHeight + 6)
    let axis = LinearAxis(
      covering: [0] + groups.flatMap { $0.bars.map(\.amount) }, from: Self.left, to: Self.right)
    var y = 0.0
    for group in groups {
      svg.text(group.name, 0, y + 16, "strong")
      y += Self.headHeight
      for bar in group.bars {
        svg.text(bar.name, Self.labelEnd, y + 13, "end")
        svg.rectangle(
          Self.left, y + 3, width: max(axis.place(bar.amount) - Self.left, 1), height: 13, "bar mark \(group.style)",
          title: "\(group.name), \(bar.name): \(bar.figure)")
        svg.text(bar.figure, max(axis.place(bar.amount), Self.left) + 5, y + 13, "figure")
        y += Self.rowHeight
      }
    }
    return svg.element(id: id, title: title, description: description)
  }
}
