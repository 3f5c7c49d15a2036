import Foundation

/// Small bars on one logarithmic scale, with a mark at 1.0.
struct RatioScale {
  /// Cells of a bar.
  let width: Int
  /// Powers of ten below 1.0.
  private let decades: Int
  /// The cell of the mark.
  private let mark: Int

  private var cellsOfADecade: Double { Double(mark) / Double(decades) }

  /// A scale on which some ratios lie.
  /// - Parameters:
  ///   - ratios: those above zero count.
  ///   - width: at least 8.
  init(_ ratios: [Double], width: Int) {
    self.width = max(8, width)
    let known = ratios.filter { $0 > 0 && $0.isFinite }
    decades = min(6, max(1, Int((-log10(known.min() ?? 0.1)).rounded(.up))))
    let above = min(3, max(0.05, log10(known.max() ?? 1)))
    let share = Double(decades) / (Double(decades) + above)
    mark = min(self.width - 2, Int((Double(self.width - 1) * share).rounded()))
  }

  /// `0.001     1`: what the left end and the mark mean.
  var legend: String {
    let least = decades <= 3 ? String(format: "%.\(decades)f", pow(10, -Double(decades))) : "1e-\(decades)"
    return least + String(repeating: " ", count: max(1, mark - least.count)) + "1"
  }

  /// A bar from the left end to a ratio, the mark where 1.0 is.
  func bar(_ ratio: Double) -> String {
    guard ratio > 0 else { return String(repeating: " ", count: mark) + "│" }
    let place = log10(ratio) * cellsOfADecade + Double(mark)
    // Beyond the mark, which takes a cell for itself.
    let eighths = Int(((ratio > 1 ? place + 1 : place) * 8).rounded().clamped(to: 1...Double(width * 8)))
    let cells = (0..<width).map { cell -> Character in
      if cell == mark { return "│" }
      let filled = min(8, max(0, eighths - cell * 8))
      return Self.blocks[filled]
    }
    return String(cells)
  }

  private static let blocks: [Character] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]
}

extension Double {
  fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
    Swift.min(range.upperBound, Swift.max(range.lowerBound, self))
  }
}
