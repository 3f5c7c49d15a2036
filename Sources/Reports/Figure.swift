import Foundation

/// Numbers as people read them. Nothing depends on a locale.
enum Figure {
  /// A ratio with three decimals, or three significant digits where those would say less.
  static func ratio(_ value: Double) -> String {
    value >= 0.1 ? String(format: "%.3f", value) : String(format: "%#.3g", value)
  }

  /// A ratio that should be 1, with a digit more.
  static func unit(_ value: Double) -> String { String(format: "%.4f", value) }

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

  /// `12 for one operation`, `12.3 [12.1, 12.6] for one operation`.
  static func count(_ value: Double, low: Double?, high: Double?) -> String {
    let isExact = low == value && high == value
    let interval = low.flatMap { low in high.map { " [\(short(low)), \(short($0))]" } } ?? ""
    return "\(short(value))\(isExact ? "" : interval) for one operation"
  }

  /// Nanoseconds with a unit that suits: `850 ns`, `12.4 µs`, `3 ms`. Three significant digits.
  static func duration(_ nanoseconds: Double) -> String {
    let size = abs(nanoseconds)
    let (scale, unit) =
      size >= 999.5e6 ? (1e9, "s") : size >= 999.5e3 ? (1e6, "ms") : size >= 999.5 ? (1e3, "µs") : (1, "ns")
    return "\(short(nanoseconds / scale)) \(unit)"
  }

  /// A whole number without a point; one that no integer holds as doubles are written.
  static func whole(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }

  /// Three significant digits, without zeros that say nothing.
  static func short(_ value: Double) -> String {
    let size = abs(value)
    if size >= 1e15 { return String(format: "%.2e", value) }
    if size >= 99.95 { return String(format: "%.0f", value) }
    return String(format: "%.3g", value)
  }

  /// A share in per cent, without its sign: whole from ten on, two digits below.
  static func share(_ value: Double) -> String {
    let percent = value * 100
    return String(format: percent >= 9.95 ? "%.0f" : "%.2g", percent)
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
