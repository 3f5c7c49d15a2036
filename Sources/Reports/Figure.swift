import Foundation

/// Numbers as people read them. Nothing depends on a locale.
enum Figure {
  /// A ratio with three decimals, or three significant digits where those would say less.
  static func ratio(_ value: Double) -> String {
    value >= 0.1 ? String(format: "%.3f", value) : String(format: "%#.3g", value)
  }

  /// `0.962 [0.951, 0.973]`, or the ratio alone where there is no interval.
  static func ratio(_ value: Double, low: Double?, high: Double?) -> String {
    guard let low, let high else { return ratio(value) }
    return "\(ratio(value)) [\(ratio(low)), \(ratio(high))]"
  }

  /// Four significant digits; whole numbers from 1000 on, in groups of three.
  static func value(_ value: Double) -> String {
    let size = abs(value)
    if size >= 1e15 || (size > 0 && size < 1e-4) { return String(format: "%.3e", value) }
    if size >= 999.95 { return grouped(String(format: "%.0f", value)) }
    if value == 0 { return "0" }
    let decimals = size >= 99.995 ? 1 : size >= 9.9995 ? 2 : size >= 0.99995 ? 3 : 5
    return String(format: "%.\(decimals)f", value)
  }

  /// `4 012 [3 990, 4 034]`, or the value alone where there is no interval.
  static func value(_ value: Double, low: Double?, high: Double?) -> String {
    guard let low, let high else { return Self.value(value) }
    return "\(Self.value(value)) [\(Self.value(low)), \(Self.value(high))]"
  }

  /// `95 %`.
  static func percent(_ share: Double) -> String {
    let percent = share * 100
    let text = percent == percent.rounded() ? String(format: "%.0f", percent) : String(format: "%.4g", percent)
    return "\(text) %"
  }

  /// Narrow no-break spaces between groups of three digits.
  private static func grouped(_ digits: String) -> String {
    let isNegative = digits.hasPrefix("-")
    var text = ""
    for (place, digit) in digits.drop(while: { $0 == "-" }).reversed().enumerated() {
      if place > 0 && place % 3 == 0 { text.append("\u{202f}") }
      text.append(digit)
    }
    return (isNegative ? "-" : "") + String(text.reversed())
  }
}
