import Statistics

/// Plain tables for a terminal.
enum Table {
  /// Prints rows whose first is the header, columns as wide as their widest cell.
  static func print(_ rows: [[String]]) {
    let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let cells = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
      Swift.print("  " + cells.joined(separator: "  "))
    }
  }

  static func number(_ value: Double, _ digits: Int = 1) -> String {
    var factor = 1.0
    for _ in 0..<digits { factor *= 10 }
    return "\((value * factor).rounded() / factor)"
  }

  static func interval(_ ratio: PairedLogRatio) -> String {
    ratio.interval(level: 0.95).map { "\(number($0.low, 4)) to \(number($0.high, 4))" } ?? ""
  }
}

extension [Double] {
  /// The middle value; the mean of the two in the middle where there are two.
  var median: Double {
    let ordered = sorted()
    let middle = ordered.count / 2
    return ordered.count % 2 == 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2
  }
}
