/// Where the time of an operation goes: bars that each begin where the one before ended, from bare metal's own time to the
/// mode's. A part that goes back, such as a residual below zero, is drawn backwards.
struct Waterfall {
  struct Step {
    let name: String
    /// Nanoseconds.
    let amount: Double
    /// A class of the page's style: `base`, `part`, `residual`, `total`.
    let kind: String
  }

  let steps: [Step]

  private static let width = 380.0
  private static let rowHeight = 38.0
  private static let (left, right) = (6.0, 374.0)
  /// Characters of a name that leave room for the figure at the other end of its line.
  private static let longestLabel = 46

  /// A name as far as there is room; the bar's title and the table have all of it.
  private static func label(_ name: String) -> String {
    name.count <= longestLabel ? name : "\(name.prefix(longestLabel - 1))…"
  }

  func svg(id: String, title: String) -> String {
    let foot = Double(steps.count) * Self.rowHeight + 8
    var svg = SVG(width: Self.width, height: foot + 18)
    var ends: [(from: Double, to: Double)] = []
    var sum = 0.0
    for step in steps {
      let from = step.kind == "total" ? 0 : sum
      ends.append((from, from + step.amount))
      sum = from + step.amount
    }
    let axis = LinearAxis(covering: [0] + ends.flatMap { [$0.from, $0.to] }, from: Self.left, to: Self.right)
    for tick in axis.ticks {
      svg.line(axis.place(tick), 4, axis.place(tick), foot, "grid")
      // A label at an edge would be cut off.
      let style = axis.place(tick) > Self.right - 24 ? "end" : axis.place(tick) < Self.left + 24 ? "" : "middle"
      svg.text(Figure.duration(tick), axis.place(tick), foot + 14, style)
    }
    for (index, step) in steps.enumerated() {
      let y = Double(index) * Self.rowHeight + 4
      let (from, to) = (axis.place(ends[index].from), axis.place(ends[index].to))
      svg.text(Self.label(step.name), Self.left, y + 12)
      svg.text(Figure.duration(step.amount), Self.right, y + 12, "end figure")
      svg.rectangle(
        min(from, to), y + 17, width: max(abs(to - from), 1.5), height: 13, "bar mark \(step.kind)",
        title: "\(step.name): \(Figure.duration(step.amount))")
      if index + 1 < steps.count { svg.line(to, y + 17, to, y + 17 + Self.rowHeight, "join") }
    }
    return svg.element(
      id: id, title: "\(title): where the time of an operation goes",
      description:
        "Bars from bare metal's time to this mode's, each beginning where the one before ended. The table below "
        + "holds the figures.")
  }
}
