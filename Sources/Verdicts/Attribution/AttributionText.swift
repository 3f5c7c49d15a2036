import LinuxSystem
import Results

/// Splits as plain text: a table whose rows add up to its last one, with a bar for each row's share.
public enum AttributionText {
  private static let barWidth = 20

  /// One paragraph a record. Ends with a newline.
  public static func render(_ records: [AttributionRecord]) -> String {
    records.map(render).joined(separator: "\n")
  }

  private struct Row {
    let name: String
    let time: AttributionTime
    var count: Double?
    var unitCost: Double?
  }

  private static func render(_ record: AttributionRecord) -> String {
    var lines = [title(record)]
    var rows = record.parts.map {
      Row(
        name: $0.name, time: AttributionTime(nanoseconds: $0.nanoseconds, low: $0.low, high: $0.high), count: $0.count,
        unitCost: $0.unitCost)
    }
    rows.append(Row(name: "residual: not explained", time: record.residual))
    rows.append(Row(name: "total", time: record.total))
    let width = rows.map(\.name.count).max() ?? 0
    for row in rows { lines.append(line(row, width: width, total: record.total.nanoseconds)) }
    lines.append("  " + statement(record))
    lines += record.notes.map { "  note: \($0)" }
    return lines.map { $0.printable + "\n" }.joined()
  }

  private static func title(_ record: AttributionRecord) -> String {
    let name = record.workload.description
    let blocks = record.blocks == 1 ? "1 block, so no intervals" : "\(record.blocks) blocks"
    return
      "\(name), \(record.path): us an operation (\(record.basis.rawValue), \(blocks))"
  }

  private static func line(_ row: Row, width: Int, total: Double) -> String {
    let share = total > 0 ? row.time.nanoseconds / total : 0
    // Cut before it is converted: a share of a stranger's figures may be any number.
    let filled = Int((min(max(share.isNaN ? 0 : share, 0), 1) * Double(barWidth)).rounded())
    let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: barWidth - filled)
    var text =
      "  \(padded(row.name, width)) \(right(microseconds(row.time.nanoseconds), 9)) \(padded(interval(row.time), 21))"
    text += " \(right(fixed(share * 100, 1), 6)) % |\(bar)|"
    if let count = row.count, let cost = row.unitCost { text += " \(fixed(count, 2)) x \(microseconds(cost)) us" }
    return text
  }

  private static func statement(_ record: AttributionRecord) -> String {
    let gap = "gap to \(record.reference.rawValue) \(microseconds(record.gap)) us"
    guard let share = record.explainedShare else { return "\(gap), not beyond noise" }
    let residual = "residual \(microseconds(record.residual.nanoseconds)) us \(interval(record.residual))"
    return "\(gap), explained \(fixed(share * 100, 1)) %; \(trimmed(residual))"
  }

  // MARK: Figures

  private static func interval(_ time: AttributionTime) -> String {
    guard let low = time.low, let high = time.high else { return "" }
    return "[\(microseconds(low)), \(microseconds(high))]"
  }

  private static func microseconds(_ nanoseconds: Double) -> String {
    fixed(nanoseconds / 1000, abs(nanoseconds) < 99_995 ? 2 : 1)
  }

  /// A number with so many digits after the point.
  private static func fixed(_ value: Double, _ digits: Int) -> String {
    let scale = [1.0, 10, 100][digits]
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 1e15 else { return "\(value)" }
    let whole = UInt64(scaled)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    let fraction = String(whole % UInt64(scale))
    return "\(sign)\(whole / UInt64(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private static func trimmed(_ text: String) -> String { text.last == " " ? String(text.dropLast()) : text }
}
