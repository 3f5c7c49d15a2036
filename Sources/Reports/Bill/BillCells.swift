import Bills
import Results

/// What tables of bills have in common.
enum BillCells {
  /// Counts that some line of a bill has, in ``BillCount``'s order.
  static func counts(_ bill: Bill) -> [BillCount] {
    BillCount.allCases.filter { count in bill.lines.contains { $0.counts[count.rawValue] != nil } }
  }

  /// Layers that some line of a bill has, in ``BillLayer``'s order.
  static func layers(_ bill: Bill) -> [BillLayer] {
    BillLayer.allCases.filter { layer in bill.lines.contains { $0.layers?[layer.rawValue] != nil } }
  }

  static func row(_ line: BillLine, _ counts: [BillCount], _ layers: [BillLayer]) -> [(title: String, text: String)] {
    [("Workload", line.name), ("Instructions", line.instructions.map(figure) ?? "")]
      + layers.map { layer in (layer.title, line.layers?[layer.rawValue].map(number) ?? "") }
      + counts.map { count in (count.title, line.counts[count.rawValue].map { hundredths($0.value) } ?? "") }
  }

  /// `3 621`, or `59 583 to 59 590` where the passes differ.
  static func figure(_ figure: BillFigure) -> String {
    figure.width == 0 ? number(figure.low) : "\(number(figure.low)) to \(number(figure.high))"
  }

  /// With blanks between thousands; a decimal where it is small and no integer.
  static func number(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    if abs(value) < 99.95, value != value.rounded() { return minus((value * 10).rounded() / 10) }
    let digits = String(Int(value.rounded().magnitude))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append("\u{a0}") }
      text.append(digit)
    }
    return value.rounded() < 0 ? "−\(text)" : text
  }

  static func hundredths(_ value: Double) -> String {
    let rounded = (value * 100).rounded() / 100
    return rounded == rounded.rounded() ? number(rounded) : minus(rounded)
  }

  /// With the sign that goes with figures; nothing is less than nothing.
  private static func minus(_ value: Double) -> String { value < 0 ? "−\(-value)" : "\(abs(value))" }

  static func signed(_ value: Double) -> String { value < 0 ? number(value) : "+\(number(value))" }

  /// `−144 (−10.1 %)`, or why there is none.
  static func difference(_ change: BillChange) -> String {
    guard let difference = change.difference else { return change.reason ?? "" }
    if difference == 0 { return "0" }
    let share = change.share.map { share in
      let tenths = (abs(share) * 1000).rounded() / 10
      return " (\(share < 0 ? "−" : "+")\(tenths) %)"
    }
    return signed(difference) + (share ?? "")
  }

  /// What a difference is made of: layers, functions, counts, the largest few of each; nil where that is not known.
  static func causes(_ change: BillChange) -> String? {
    guard change.outcome != .unchanged else { return nil }
    func list(_ parts: [BillPart], _ most: Int, _ text: (Double) -> String) -> String? {
      parts.isEmpty ? nil : parts.prefix(most).map { "\($0.name) \(text($0.difference))" }.joined(separator: ", ")
    }
    let counts = change.counts.filter { abs($0.difference) >= 0.05 }
    let texts = [
      list(change.layers.filter { abs($0.difference) >= 1 }, 4, signed),
      list(change.functions.filter { abs($0.difference) >= 1 }, 5, signed),
      list(counts, 3) { ($0 < 0 ? "−" : "+") + hundredths(abs($0)) }.map { "an operation: \($0)" },
    ].compactMap(\.self)
    return texts.isEmpty ? nil : texts.joined(separator: "; ")
  }
}
