import Bills
import LinuxSystem
import Results

/// A bill's instructions as stacks of two frames, the layer and the function in it: who called whom is not counted. What the functions that are
/// kept do not account for is the layer's `other`.
struct BillStacks {
  struct Frame {
    let name: String
    let instructions: Double
  }

  struct Layer {
    let name: String
    let instructions: Double
    /// Most first, what is left last.
    let functions: [Frame]
  }

  let name: String
  let layers: [Layer]

  /// Nil where nothing told the layers of the line apart.
  init?(_ line: BillLine) {
    guard let amounts = line.layers else { return nil }
    name = line.name
    layers = BillLayer.allCases.compactMap { layer in
      guard let whole = amounts[layer.rawValue], whole > 0 else { return nil }
      let functions = (line.functions ?? []).filter { $0.layer == layer.rawValue && $0.instructions > 0 }
        .map { Frame(name: $0.name, instructions: $0.instructions) }
      let rest = whole - functions.reduce(0) { $0 + $1.instructions }
      return Layer(
        name: layer.title, instructions: whole,
        functions: functions + (rest > 0.5 ? [Frame(name: "other", instructions: rest)] : []))
    }
  }

  /// Lines `operation;layer;function instructions`, as tools that draw flame graphs take them.
  static func folded(_ bill: Bill) -> String {
    bill.lines.filter { $0.status == .ok }.compactMap { BillStacks($0) }.flatMap { stacks in
      stacks.layers.flatMap { layer in
        layer.functions.compactMap { frame in
          let count = Int(frame.instructions.rounded())
          return count == 0 ? nil : "\(word(stacks.name));\(word(layer.name));\(word(frame.name)) \(count)\n"
        }
      }
    }.joined()
  }

  /// A frame's name: a semicolon would begin another frame, a line's end another stack.
  private static func word(_ text: String) -> String {
    String(text.oneLine.map { $0 == ";" ? ":" : $0 })
  }
}

/// A flame graph of one operation: the operation below its layers, those below their functions; widths are instructions.
struct FlamePlot {
  let stacks: BillStacks

  private static let width = 760.0
  private static let rowHeight = 20.0
  /// Narrower frames have no text.
  private static let textWidth = 44.0
  private static let characterWidth = 6.6
  private static let styles = ["p-native", "p-guest", "p-paravirtual", "p-polled", "p-emulated", "p-vhost"]

  func svg(id: String) -> String {
    let total = stacks.layers.reduce(0) { $0 + $1.instructions }
    var svg = SVG(width: Self.width, height: 3 * Self.rowHeight)
    func frame(_ name: String, _ amount: Double, from left: Double, row: Int, _ style: String) {
      let (x, width) = (left / total * Self.width, amount / total * Self.width)
      // What is narrower cannot be seen, and there are hundreds of such functions.
      guard width >= 0.5 else { return }
      let y = Double(row) * Self.rowHeight
      svg.rectangle(
        x, y, width: max(0.4, width - 0.5), height: Self.rowHeight - 1, "bar mark \(style)",
        title: "\(name): \(BillCells.number(amount)) instructions, \(Figure.share(amount / total)) %")
      guard width >= Self.textWidth else { return }
      let room = Int((width - 8) / Self.characterWidth)
      svg.text(name.count <= room ? name : name.prefix(max(1, room - 1)) + "…", x + 4, y + 14, "")
    }
    guard total > 0 else { return "" }
    var left = 0.0
    for (index, layer) in stacks.layers.enumerated() {
      let style = Self.styles[index % Self.styles.count]
      frame(layer.name, layer.instructions, from: left, row: 1, style)
      var inner = left
      for function in layer.functions {
        frame(function.name, function.instructions, from: inner, row: 0, style)
        inner += function.instructions
      }
      left += layer.instructions
    }
    frame(stacks.name, total, from: 0, row: 2, "p-native")
    return svg.element(
      id: id, title: "\(stacks.name): whose instructions",
      description: stacks.layers.map { "\($0.name) \(BillCells.number($0.instructions))" }.joined(separator: ", "))
  }
}
